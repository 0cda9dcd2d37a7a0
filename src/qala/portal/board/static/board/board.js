// Keeps a board fresh: every item is fetched by itself and put in place only when it changed, so that nothing flickers.
// Without connection the last numbers stay, and the board says since when; it tries again, ever more slowly, for days.
const board = document.querySelector("[data-board]");
const state = document.querySelector("[data-board-state]");
const EVERY = 60_000;
const LONGEST = 5 * 60_000;
const NEW_PAGE = 6 * 3600_000; // a fresh page now and then, so that a wall gets new versions of the program
const tags = new Map();
const begun = Date.now();
let wait = EVERY;
let lostSince = null;

function clock(at) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
}

function say() {
  if (!state) return;
  state.classList.toggle("lost", lostSince !== null);
  state.textContent = lostSince ? `${state.dataset.lost} ${clock(lostSince)}` : `${state.dataset.live} · ${clock(new Date())}`;
}

async function refresh(section) {
  const address = `${board.dataset.board}items/${section.dataset.item}/?${board.dataset.query}`;
  const known = tags.get(section.dataset.item);
  const answer = await fetch(address, { headers: known ? { "If-None-Match": known } : {}, cache: "no-store", signal: AbortSignal.timeout(20_000) });
  if (answer.status === 304) return;
  if (!answer.ok) throw new Error(String(answer.status));
  const text = await answer.text();
  const before = tags.get(section.dataset.item);
  tags.set(section.dataset.item, answer.headers.get("ETag"));
  if (before === undefined && section.dataset.shown === undefined) {
    section.dataset.shown = "1"; // what the page came with is as fresh
    return;
  }
  if (section.contains(document.activeElement) || section.querySelector("details[open]")) return; // somebody is at work in it
  const height = section.offsetHeight;
  section.style.setProperty("min-block-size", `${height}px`);
  section.innerHTML = text;
  document.dispatchEvent(new CustomEvent("qala:content", { detail: section }));
  requestAnimationFrame(() => section.style.removeProperty("min-block-size"));
}

async function round() {
  let failed = false;
  if (document.visibilityState === "visible") {
    for (const section of board.querySelectorAll("[data-item]")) {
      try {
        await refresh(section);
      } catch {
        failed = true;
        break;
      }
    }
  }
  if (failed) {
    lostSince ??= new Date();
    wait = Math.min(wait * 2, LONGEST);
  } else {
    lostSince = null;
    wait = EVERY;
    if (Date.now() - begun > NEW_PAGE && document.documentElement.classList.contains("wall")) location.reload();
  }
  say();
  setTimeout(round, wait);
}

if (board) {
  addEventListener("online", () => { wait = EVERY; });
  if (document.documentElement.classList.contains("wall")) {
    let still;
    addEventListener("pointermove", () => {
      document.documentElement.classList.remove("still");
      clearTimeout(still);
      still = setTimeout(() => document.documentElement.classList.add("still"), 4000);
    });
    addEventListener("keydown", (event) => {
      if (event.key === "f") document.documentElement.requestFullscreen?.();
    });
    navigator.wakeLock?.request("screen").catch(() => {});
  }
  say();
  setTimeout(round, Number(new URLSearchParams(location.search).get("first") ?? EVERY));
}
