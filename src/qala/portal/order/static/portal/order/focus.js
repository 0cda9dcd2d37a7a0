// `/` goes to the search field, as long as nobody is typing.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]")) return;
  const field = document.querySelector("#order-search");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});
