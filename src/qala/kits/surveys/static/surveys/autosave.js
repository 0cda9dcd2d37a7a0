// Keeps what stands in a survey's page with every change. Without scripts the buttons do it.
const form = document.querySelector("form[data-autosave]");
const told = form.querySelector("[data-saved]");
let waiting = 0;

async function keep() {
  const body = new FormData(form);
  for (const one of form.querySelectorAll("input[type=file]")) body.delete(one.name);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Autosave": "1" } });
    const said = answer.headers.get("Content-Type")?.includes("json") ? (await answer.json()).said : "";
    told.textContent = answer.ok ? told.dataset.words : said || told.dataset.failed;
  } catch {
    told.textContent = told.dataset.failed;
  }
}

form.addEventListener("change", (event) => {
  if (event.target.type !== "file") keep();
});
form.addEventListener("input", (event) => {
  if (event.target.tagName !== "TEXTAREA") return;
  clearTimeout(waiting);
  waiting = setTimeout(keep, 800);
});
