// The page's one own script: addresses, copying, finding, announcing. Gradio does the rest.
"use strict";

const $ = (selector) => document.querySelector(selector);
const VIEWS = { q: "ask", ask: "ask", read: "read", changes: "changes", about: "about" };
const SHOWN = { ask: "#answer", read: "#policy", changes: "#changes", about: "#about" };
const TITLE = document.title;
let opened = ""; // the address that was last handed to the server, of any view but Ask

// --- Addresses: what stands behind # says what is shown.

function keyOf(address) {
  return address.replace(/^#/, "").split(/[=&]/, 1)[0] || "ask";
}

function follow() {
  const address = location.hash;
  if (address.startsWith("#at-") || address === "#cited") return arrive(address);
  const view = VIEWS[keyOf(address)];
  if (!view) return;
  show(view);
  if (view !== "ask" && address !== opened) {
    opened = address;
    open(view, address);
  } else if (keyOf(address) === "q") {
    open("ask", address);
  } else {
    $(`#${view}-view h1`)?.scrollIntoView({ block: "end" });
  }
}

function show(view) {
  document.documentElement.dataset.view = view;
  for (const link of document.querySelectorAll("#top nav a")) {
    const here = link.getAttribute("href") === `#${view}`;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    if (here) document.title = view === "ask" ? TITLE : `${link.textContent} – policychat`;
  }
}

function open(view, address) {
  const field = $(`#${view}-address textarea`);
  if (field) {
    field.value = address;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  $(`#open-${view}`).click();
}

function arrive(address) {
  const place = document.getElementById(address.slice(1));
  if (!place) return;
  place.scrollIntoView({ block: "center" });
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

// --- What the server has answered.

function answered(view) {
  $("#failure").textContent = "";
  const shown = $(`${SHOWN[view]} .md`);
  for (const link of shown.querySelectorAll("a")) {
    // Gradio opens every link elsewhere; a mail program or a place in this page is no new window.
    if (!/^https?:$/.test(link.protocol) || link.getAttribute("href").startsWith("#")) {
      link.removeAttribute("target");
    }
  }
  if (view === "ask") {
    const words = shown.querySelector(".announcement");
    if (words) say(words.textContent);
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
  const local = event.target.closest('a[href^="#"]');
  if (local && local.getAttribute("href") === location.hash) follow(); // no change, no event
});

// --- Finding words in the policy, without touching its text.

let found = [];
let at = -1;

function find() {
  const field = $("#find textarea, #find input");
  const wanted = field.value.trim().toLowerCase();
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
  return wanted;
}

function next(step) {
  if (!found.length) return say("Not in this policy");
  at = (at + step + found.length) % found.length;
  found[at].startContainer.parentElement.scrollIntoView({ block: "center" });
  window.CSS?.highlights?.set("here", new Highlight(found[at]));
  say(`${at + 1} of ${found.length}`);
}

document.addEventListener("input", (event) => {
  if (event.target.closest("#find") && find()) say(`${found.length} found`);
});

document.addEventListener("keydown", (event) => {
  if (event.target.closest?.("#find") && event.key === "Enter") {
    event.preventDefault();
    next(event.shiftKey ? -1 : 1);
  } else if (event.key === "Escape") {
    if (event.target.closest?.("#find")) {
      event.target.value = "";
      event.target.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (!event.target.closest?.("[role=listbox], [role=combobox]")) {
      $("#stop")?.click();
    }
  }
});

// --- Failing, in our words: Gradio's own ("Error: connection lost") stay unseen.

const UNREACHABLE = "The answer service cannot be reached. Try again.";

function failed(words) {
  const told = /^Too many|^That question|^This server/.test(words);
  $("#failure").textContent = told ? words : UNREACHABLE;
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
  if (!$("#question textarea") || !$("#open-about")) return;
  building.disconnect();
  for (const [view, selector] of Object.entries(SHOWN)) {
    let last = "";
    new MutationObserver(() => {
      const html = $(`${selector} .md`)?.innerHTML ?? "";
      if (html !== last) {
        last = html;
        if (html) answered(view);
      }
    }).observe($(`#${view}-view`), { childList: true, subtree: true });
  }
  watchFailures();
  addEventListener("hashchange", follow);
  if (location.hash) follow();
}

const building = new MutationObserver(start);
building.observe(document.documentElement, { childList: true, subtree: true });
show(VIEWS[keyOf(location.hash)] ?? "ask");
