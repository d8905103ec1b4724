"""How tests and benchmarks get hold of the stepper on the page."""

# Finds the component, wherever Streamlit put its shadow root.
FIND = """() => {
  const search = (node) => {
    for (const element of node.querySelectorAll('*')) {
      if (element.stepper) return element;
      const inside = element.shadowRoot && search(element.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };
  return search(document);
}"""
