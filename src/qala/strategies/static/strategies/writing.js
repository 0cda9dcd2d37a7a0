// Saves a section while it is written, and never over what another saved: then it stops and shows where both texts are.
const form = document.querySelector("form[data-autosave]");
const text = form.querySelector("textarea");
const told = form.querySelector("[data-told]");
const WAIT_MS = 1500;
let waiting = 0;
let stopped = false;
let sending = false;

async function keep() {
  if (stopped || sending) return;
  sending = true;
  const sent = text.value;
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" } });
  } catch {
    told.textContent = told.dataset.failed;
    return;
  } finally {
    sending = false;
  }
  const json = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  if (answer.ok) {
    form.elements.rests_on.value = json.saved;
    told.textContent = told.dataset.saved;
    if (text.value !== sent) later();
    return;
  }
  told.textContent = json.said || told.dataset.failed;
  if (answer.status === 409) {
    stopped = true;
    const link = document.createElement("a");
    link.href = json.both;
    link.textContent = json.both_said;
    told.append(" ", link);
  }
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(keep, WAIT_MS);
}

text.addEventListener("input", () => {
  told.textContent = told.dataset.waiting;
  later();
});
window.addEventListener("beforeunload", (event) => {
  if (text.value !== text.defaultValue && told.textContent === told.dataset.waiting) event.preventDefault();
});
for (const one of document.querySelectorAll("[data-figure]")) {
  one.addEventListener("click", () => {
    text.setRangeText(`{{${one.dataset.figure}}}`, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    text.dispatchEvent(new Event("input"));
  });
}
