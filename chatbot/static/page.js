// The page's one own script: addresses, copying, finding, announcing. Gradio does the rest.
"use strict";

const $ = (selector) => document.querySelector(selector);
const VIEWS = { q: "ask", ask: "ask", read: "read", changes: "changes", about: "about" };
const SHOWN = { ask: "#answer", read: "#policy", changes: "#changes", about: "#about" };
const TITLE = document.title;
const RUNNING = ":root:not([data-over]) #answer [data-testid=status-tracker]:not(.hide)";
const opened = {}; // view: the address that was last handed to the server, or that it shows now

// --- Addresses: what stands behind # says what is shown.

function keyOf(address) {
  return address.replace(/^#/, "").split(/[=&]/, 1)[0] || "ask";
}

function follow() {
  const address = location.hash;
  const view = VIEWS[keyOf(address)];
  if (!view) return;
  show(view);
  const asks = view !== "ask" || keyOf(address) === "q";
  if (asks && address !== opened[view]) {
    opened[view] = address;
    open(view, address);
  } else {
    $(`#${view}-view h1`)?.scrollIntoView({ block: "end" });
  }
}

function show(view) {
  document.documentElement.dataset.view = view;
  $("#failure").textContent = "";
  for (const link of document.querySelectorAll("#top nav a")) {
    const here = link.getAttribute("href") === `#${view}`;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    if (here) document.title = view === "ask" ? TITLE : `${link.textContent} – policychat`;
  }
}

function open(view, address) {
  fill(`#${view}-address textarea`, address);
  // The question stands in its box even when nobody answers it.
  if (view === "ask") {
    asking(address);
    fill("#question textarea", new URLSearchParams(address.slice(1)).get("q"));
  }
  $(`#open-${view}`).click();
}

function fill(selector, words) {
  const field = $(selector);
  if (!field) return;
  field.value = words ?? "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// What is shown now has another address, or none: a question is in no history unless it was there.
function readdress(view, address) {
  if (document.documentElement.dataset.view !== view) return;
  opened[view] = address;
  if (location.hash !== address) history.replaceState(null, "", address || location.pathname);
}

// Gradio goes on waiting for what was refused, and for what was stopped before it began.
function over() {
  document.documentElement.dataset.over = "";
}

function asking(address) {
  delete document.documentElement.dataset.over;
  readdress("ask", address);
}

function arrive(address) {
  const place = document.getElementById(address.slice(1));
  if (!place) return;
  place.scrollIntoView({ block: "center" });
  focus(place);
}

function focus(place) {
  if (!place) return;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

// --- What the server has answered.

let announced = ""; // of the answer that is shown; one that is still coming has no announcement

function answered(view) {
  $("#failure").textContent = "";
  const shown = $(`${SHOWN[view]} .md`);
  const address = shown.querySelector(".copy-link")?.value;
  if (address && view !== "ask") readdress(view, address);
  if (view === "ask") {
    // The button that was pressed may be gone; its reader goes on from the question.
    if (document.activeElement === document.body) focus(shown.querySelector(".asked"));
    const words = shown.querySelector(".announcement")?.textContent ?? "";
    if (words && words !== announced) say(words);
    announced = words;
  } else if (view === "read") {
    find();
    const cited = document.getElementById("cited");
    if (cited) arrive("#cited");
    else if (keyOf(location.hash) === "read" && shown.firstChild) scrollTo(0, 0);
  }
}

function say(words) {
  $("#said").textContent = "";
  setTimeout(() => ($("#said").textContent = words), 50);
}

// --- Copying.

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Only pages from https or this machine may write to the clipboard; older ways still work.
    const field = document.body.appendChild(document.createElement("textarea"));
    field.value = text;
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  const label = button.textContent;
  if (label === "Copied") return;
  button.textContent = "Copied";
  say("Copied");
  setTimeout(() => (button.textContent = label), 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.copy, button.copy-link");
  if (button) {
    const own = location.origin + location.pathname;
    copy(button.matches(".copy-link") ? own + button.value : button.value, button);
    return;
  }
  const link = event.target.closest("a[target]");
  // Gradio opens every link elsewhere; a mail program or a place in this page is no new window.
  if (link && !/^https?:/.test(link.getAttribute("href"))) link.removeAttribute("target");
  const address = event.target.closest('a[href^="#"]')?.getAttribute("href");
  if (address?.startsWith("#at-")) {
    event.preventDefault(); // the address goes on naming the policy
    arrive(address);
  } else if (address && address === location.hash) {
    follow(); // no change, no event
  }
  if (event.target.closest("#send, #start button, #next button")) asking("");
  if (event.target.closest("#clear")) $("#question textarea").focus();
  if (event.target.closest("#stop")) {
    over();
    say("Stopped");
  }
});

// --- Finding words in the policy, without touching its text.

let found = [];
let at = -1;

function find() {
  const wanted = $("#find input").value.trim().toLowerCase();
  found = [];
  at = -1;
  const policy = $("#policy .policy");
  if (wanted && policy) {
    const texts = document.createTreeWalker(policy, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const text = node.data.toLowerCase();
      for (let i = text.indexOf(wanted); i >= 0; i = text.indexOf(wanted, i + wanted.length)) {
        const range = new Range();
        range.setStart(node, i);
        range.setEnd(node, i + wanted.length);
        found.push(range);
      }
    }
  }
  window.CSS?.highlights?.set("found", new Highlight(...found));
  window.CSS?.highlights?.delete("here");
  ($("#steps") ?? addSteps()).hidden = !wanted;
  for (const button of document.querySelectorAll("#steps button")) button.hidden = !found.length;
  return tell(found.length ? `${found.length} found` : "Not found");
}

function next(step) {
  if (!found.length) return say(tell("Not found"));
  at = (at + step + found.length) % found.length;
  found[at].startContainer.parentElement.scrollIntoView({ block: "center" });
  window.CSS?.highlights?.set("here", new Highlight(found[at]));
  say(tell(`${at + 1} of ${found.length}`));
}

function tell(words) {
  $("#steps span").textContent = words;
  return words;
}

function addSteps() {
  const steps = document.createElement("div");
  steps.id = "steps";
  steps.hidden = true;
  steps.append(document.createElement("span"));
  for (const [sign, name, step] of [["\u2191", "Previous place", -1], ["\u2193", "Next place", 1]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.ariaLabel = name;
    button.onclick = () => next(step);
    steps.append(button);
  }
  $("#find").append(steps);
  return steps;
}

document.addEventListener("input", (event) => {
  if (event.target.closest("#find input")) say(find());
});

document.addEventListener("keydown", (event) => {
  const finding = event.target.closest?.("#find input");
  if (finding && event.key === "Enter") {
    event.preventDefault();
    next(event.shiftKey ? -1 : 1);
  } else if (finding && event.key === "Escape") {
    fill("#find input", "");
  } else if (event.key === "Escape" && $(RUNNING)) {
    if (!event.target.closest?.("[role=combobox][aria-expanded=true]")) $("#stop").click();
  } else if (event.key === "Enter" && !event.shiftKey && event.target.closest?.("#question")) {
    asking("");
  }
});

// --- Failing, in our words: Gradio's own ("Error: connection lost") stay unseen.

const UNREACHABLE = "The answer service cannot be reached. Try again.";

function failed(words) {
  const told = /^Too many|^That question|^This server/.test(words);
  $("#failure").textContent = told ? words : UNREACHABLE;
  over();
  delete opened[document.documentElement.dataset.view]; // its link tries again
}

function watchFailures() {
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      const text = node.querySelector?.(".toast-message-text.error, .toast-message-text");
      if (text) failed(text.textContent.trim());
    }
  }).observe(document.body, { childList: true, subtree: true });
}

// --- Start once Gradio has built the page.

function start() {
  if (!["#question textarea", "#narrow input", "#find input", "#open-about"].every($)) return;
  building.disconnect();
  for (const [view, selector] of Object.entries(SHOWN)) {
    let last = "";
    new MutationObserver((changes) => {
      if (changes.every((change) => change.target.closest?.("button"))) return; // "Copied"
      const html = $(`${selector} .md`)?.innerHTML ?? "";
      if (html !== last) {
        last = html;
        if (html) answered(view);
      }
    }).observe($(`#${view}-view`), { childList: true, subtree: true });
  }
  watchFailures();
  addEventListener("hashchange", follow);
  document.documentElement.dataset.ready = "";
  if (location.hash) follow();
}

const building = new MutationObserver(start);
building.observe(document.documentElement, { childList: true, subtree: true });
show(VIEWS[keyOf(location.hash)] ?? "ask");
