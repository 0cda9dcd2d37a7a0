// Moves and sizes the items of a board by hand or by keys; what it does lands in the number fields of the form.
const form = document.querySelector("[data-builder]");
const grid = form?.querySelector("[data-grid]");
const COLUMNS = 12;
const ROWS = 60;
const undoing = form?.querySelector("[data-undo]");
const past = [];

function fields() {
  return [...form.querySelectorAll("[data-fields]")].map((set) => ({
    set,
    title: set.querySelector("legend").textContent,
    x: set.querySelector("[data-x]"), y: set.querySelector("[data-y]"),
    w: set.querySelector("[data-w]"), h: set.querySelector("[data-h]"),
    remove: set.querySelector("input[type=checkbox]"),
  }));
}

function keep() {
  past.push(fields().map((f) => [f.x.value, f.y.value, f.w.value, f.h.value, f.remove.checked]));
  if (past.length > 100) past.shift();
  undoing.disabled = false;
}

function put(f, x, y, w, h) {
  w = Math.min(Math.max(1, w), COLUMNS);
  h = Math.min(Math.max(1, h), ROWS);
  f.x.value = Math.min(Math.max(1, x), COLUMNS - w + 1);
  f.y.value = Math.min(Math.max(1, y), ROWS - h + 1);
  f.w.value = w;
  f.h.value = h;
}

function place(button, f) {
  button.style.gridColumn = `${f.x.value} / span ${f.w.value}`;
  button.style.gridRow = `${f.y.value} / span ${f.h.value}`;
  button.classList.toggle("gone", f.remove.checked);
}

function draw() {
  grid.hidden = false;
  grid.replaceChildren(...fields().map((f) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "builder-item";
    button.textContent = f.title;
    place(button, f);
    const numbers = () => [f.x, f.y, f.w, f.h].map((input) => Number(input.value));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (step) {
        event.preventDefault();
        keep();
        const [x, y, w, h] = numbers();
        event.shiftKey ? put(f, x, y, w + step[0], h + step[1]) : put(f, x + step[0], y + step[1], w, h);
        place(button, f);
      } else if (event.key === "Delete") {
        keep();
        f.remove.checked = !f.remove.checked;
        place(button, f);
      } else if (event.key === "Enter") {
        f.set.querySelector("select, input:not([type=hidden])")?.focus();
      }
    });
    button.addEventListener("pointerdown", (event) => {
      keep();
      const from = { px: event.clientX, py: event.clientY, at: numbers() };
      const cell = { w: grid.clientWidth / COLUMNS, h: 44 };
      const box = button.getBoundingClientRect();
      const sizing = event.clientX > box.right - 18 && event.clientY > box.bottom - 18;
      button.setPointerCapture(event.pointerId);
      const move = (now) => {
        const dx = Math.round((now.clientX - from.px) / cell.w);
        const dy = Math.round((now.clientY - from.py) / cell.h);
        const [x, y, w, h] = from.at;
        sizing ? put(f, x, y, w + dx, h + dy) : put(f, x + dx, y + dy, w, h);
        place(button, f);
      };
      button.addEventListener("pointermove", move);
      button.addEventListener("pointerup", () => button.removeEventListener("pointermove", move), { once: true });
    });
    for (const input of [f.x, f.y, f.w, f.h, f.remove]) input.addEventListener("input", () => place(button, f));
    return button;
  }));
}

function undo() {
  const before = past.pop();
  if (!before) return;
  const at = [...grid.children].indexOf(document.activeElement);
  fields().forEach((f, n) => {
    if (!before[n]) return;
    put(f, ...before[n].slice(0, 4).map(Number));
    f.remove.checked = before[n][4];
  });
  draw();
  undoing.disabled = !past.length;
  grid.children[at]?.focus();
}

if (form) {
  draw();
  undoing.addEventListener("click", undo);
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && !/INPUT|TEXTAREA/.test(event.target.tagName)) {
      event.preventDefault();
      undo();
    }
  });
}
