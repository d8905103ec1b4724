/* A cookie of our own that outlives the browser's closing. It never leaves for another site. */
const DAYS = 180;

export default function ({ data }) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  const age = DAYS * 86400;
  document.cookie = `${data.name}=${data.value}; Max-Age=${age}; Path=/; SameSite=Lax${secure}`;
}
