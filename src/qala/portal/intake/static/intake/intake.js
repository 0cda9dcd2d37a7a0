// The desk of a source: a message is tried out as one writes; hints follow the way in; commands and secrets are copied.

const form = document.getElementById("source-form");
if (form) {
  const door = form.elements.namedItem("door");
  const hints = () => document.querySelectorAll("[data-door-hint]").forEach((one) => { one.hidden = one.dataset.doorHint !== door.value; });
  door.addEventListener("change", hints);
  hints();

  const watched = new Set(["sample", "sample_file", "topic", "format", "rows_at", "mapping_yaml", "city", "dataset", "settings_yaml"]);
  const tried = () => Boolean(form.elements.namedItem("sample").value.trim() || form.elements.namedItem("sample_file").files.length);
  let timer = 0;
  const soon = (wait) => {
    clearTimeout(timer);
    if (tried()) timer = setTimeout(() => document.body.dispatchEvent(new Event("trial")), wait);
  };
  form.addEventListener("input", (event) => watched.has(event.target.name) && soon(500));
  form.addEventListener("change", (event) => watched.has(event.target.name) && soon(0));
  form.querySelector("[name=try]").addEventListener("click", (event) => {
    event.preventDefault();
    document.body.dispatchEvent(new Event("trial"));
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-takes-proposal]")) return;
    const mapping = form.elements.namedItem("mapping_yaml");
    mapping.value = document.querySelector("[data-proposal]").textContent;
    mapping.focus();
    soon(0);
  });

  const title = form.elements.namedItem("title");
  const name = form.elements.namedItem("name");
  const dataset = form.elements.namedItem("dataset");
  const city = form.elements.namedItem("city");
  if (name && !name.value) { // a name is proposed until one is written
    let own = false;
    name.addEventListener("input", () => { own = Boolean(name.value); });
    const propose = () => {
      if (!own && dataset.value) name.value = `${dataset.value.split(".")[1].replaceAll("_", "-")}-${city.value.toLowerCase()}`.slice(0, 60);
    };
    dataset.addEventListener("change", propose);
    city.addEventListener("change", propose);
    title.addEventListener("input", propose);
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  await navigator.clipboard.writeText(document.querySelector(button.dataset.copies).textContent);
  button.classList.add("copied");
  const was = button.textContent;
  button.textContent = "✓";
  setTimeout(() => { button.textContent = was; }, 1500);
});
