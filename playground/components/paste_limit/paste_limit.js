/* How long the text in a box would be with `added` characters in place of what is selected. */
export function lengthWith(box, added) {
  return box.value.length - (box.selectionEnd - box.selectionStart) + added;
}

export default function ({ data, parentElement }) {
  const said = parentElement.querySelector("p");

  const refuse = (event) => {
    if (!(event.target instanceof HTMLTextAreaElement)) return;
    const brought = (event.clipboardData ?? event.dataTransfer).getData("text/plain").length;
    const tooLong = lengthWith(event.target, brought) > data.most;
    if (tooLong) event.preventDefault();
    const [had, most] = [brought.toLocaleString("en"), data.most.toLocaleString("en")];
    said.textContent = tooLong ? `That text has ${had} characters; at most ${most} are read: ${data.advice}.` : "";
  };

  const happenings = ["paste", "drop"];
  for (const name of happenings) document.addEventListener(name, refuse, true);
  return () => {
    for (const name of happenings) document.removeEventListener(name, refuse, true);
  };
}
