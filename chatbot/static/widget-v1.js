/* policychat widget 1, Apache-2.0. Asks only the server that it came from; keeps nothing. */
(() => {
	"use strict";
	const script = document.currentScript;
	const data = script.dataset;
	const base = new URL(".", script.src).href;
	const company = data.company ?? "";
	const inline = data.mode === "inline";
	const NARROW = "(max-width:480px),(max-height:480px)";
	const narrow = matchMedia(NARROW);

	// Each can be said in other words: data-text-as-of="Stand: {}".
	const TEXT = {
		button: "Privacy questions",
		title: "Privacy questions",
		close: "Close",
		log: "Answers",
		label: "Ask in your own words",
		ask: "Ask",
		note: "Nothing you type is kept. Not legal advice.",
		asOf: "Policy as of {}",
		wait: "Looking…",
		away: "The answer service cannot be reached. Try again.",
		refused: "The answer service takes no questions from this site, {}.",
		unknown: "The answer service has no policy of {}.",
		partly: "It says only:",
		near: "Related, but not an answer:",
		canDo: "What you can do:",
		canAsk: "You can ask:",
		archived: "Archived page",
		policy: "The whole policy",
		source: "1 source",
		sources: "{} sources",
		to: "To",
		subject: "Subject",
		body: "Message",
		copy: "Copy address",
		copied: "Copied",
	};
	const GREETING = "Ask what the privacy policy says. You get its own words, and where they stand.";
	const QUESTIONS =
		"Is my information sold?|How do I stop e-mails?|How do I have my information deleted?";

	const text = (key, value = "") => {
		const name = `text-${key}`.replace(/[-_](.)/g, (_, letter) => letter.toUpperCase());
		return (data[name] ?? TEXT[key]).replace("{}", () => value);
	};

	// Text only ever becomes a text node: what a policy says can be no markup.
	const el = (tag, props = {}, ...kids) => {
		const node = document.createElement(tag);
		for (const [name, value] of Object.entries(props))
			name in node ? (node[name] = value) : node.setAttribute(name, value);
		node.append(...kids.filter(Boolean));
		return node;
	};
	const button = (label, onclick, props) => el("button", { type: "button", onclick, ...props }, label);

	const link = (href, label, named) =>
		/^(https?:\/\/|mailto:|tel:)/.test(href) &&
		el("a", { href, target: href[0] === "h" ? "_blank" : "", rel: "noopener noreferrer" }, label,
			named && el("span", { class: "unseen" }, `, ${named}`));

	const language = (data.lang || "en").replace("_", "-");
	const long = (day) => {
		const options = { dateStyle: "long", timeZone: "UTC" };
		return new Date(day).toLocaleDateString(language === "en" ? "en-GB" : language, options);
	};

	const emit = (name, detail) =>
		document.dispatchEvent(new CustomEvent(`policychat:${name}`, { detail }));

	/* What is seen */

	const accent = CSS.supports("color", data.accent) ? data.accent : "#0b6b62";
	const scheme = { light: "light", dark: "dark" }[data.theme] ?? "light dark";
	const black = "calc((.18 - y)*99)"; // or white, whichever can be read on the accent colour
	const [, down, across] = /^(top|bottom)-(left|right)$/.exec(data.position) ?? [0, "bottom", "right"];

	const sheet = new CSSStyleSheet();
	// !important in here is stronger than any in the host page.
	sheet.replaceSync(`
:host{all:initial!important;${inline ? "display:block" : "position:absolute!important;z-index:2147483647"}!important}
.w{--ink:light-dark(#1b2122,#e7eaea);--quiet:light-dark(#566062,#a9b3b4);--paper:light-dark(#fff,#15191a);--soft:light-dark(#eef3f2,#232c2c);--line:light-dark(#c6cfcd,#46514f);--bad:light-dark(#a3261b,#ffa397);color-scheme:${scheme};color:var(--ink);font:1em/1.5 system-ui,sans-serif}
*{box-sizing:border-box}
p,h2,h3,figure,blockquote{margin:0;font:inherit;overflow-wrap:anywhere}
[hidden]{display:none!important}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
:focus-visible{outline:2px solid var(--ink);outline-offset:2px}
a{color:inherit}
button,textarea{font:inherit;color:inherit;border:1px solid var(--line);border-radius:.6em;background:var(--paper)}
button{min-height:2.75em;padding:.4em .8em;font-weight:500;line-height:1.3;text-align:start;cursor:pointer}
.launch,.send{background:${accent};color:color(from ${accent} xyz-d65 ${black} ${black} ${black});border-color:transparent;font-weight:600}
.launch{position:fixed;${down}:1.25em;${across}:1.25em;padding:.7em 1.2em;border-radius:2em;box-shadow:0 2px 10px #0005}
.launch:focus-visible{box-shadow:0 0 0 5px var(--paper)}
.panel{display:flex;flex-direction:column;padding:0;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:1em;overflow:hidden}
dialog:not([open]){display:none}
dialog{position:fixed;inset:auto;${down}:5.25em;${across}:1.25em;margin:0;width:25em;max-width:calc(100vw - 2.5em);max-height:min(42em,100vh - 7em);box-shadow:0 6px 32px #0004}
header{display:flex;gap:1em;align-items:start;padding:.8em .8em .7em 1.1em;border-bottom:1px solid var(--line)}
hgroup{flex:1}
.close{border-color:transparent;font-size:1.1em}
.small,figcaption,label,.lead{color:var(--quiet);font-size:.875em}
.log{position:relative;flex:1;overflow:auto;overscroll-behavior:contain;padding:1em 1.1em;display:grid;gap:1em;align-content:start}
.more{display:flex;flex-wrap:wrap;gap:.5em}
article,.card{display:grid;gap:.8em}
.q{justify-self:end;max-width:90%;padding:.5em .8em;border-radius:.9em .9em .2em;background:var(--soft);white-space:pre-line}
h2,h3{font-size:1.1em;font-weight:650;line-height:1.35}
figure{padding-inline-start:.8em;border-inline-start:3px solid ${accent}}
blockquote{font-family:ui-serif,Georgia,serif;font-size:1.06em}
figcaption{margin-top:.3em}
.card{gap:.4em;padding:.7em .8em;border-radius:.7em;background:var(--soft)}
.row{white-space:pre-line}
.row .small::after{content:": "}
.card a{font-weight:600;padding:.3em 0}
.wait{color:var(--quiet);animation:.01s .3s show both}
@keyframes show{from{opacity:0}}
form{padding:.7em 1.1em .8em;border-top:1px solid var(--line)}
.line{display:flex;gap:.5em;align-items:end;margin:.15em 0 .45em}
textarea{flex:1;min-width:0;min-height:2.75em;max-height:9em;padding:.6em .75em;border-color:var(--quiet);line-height:1.4;resize:none;field-sizing:content}
.bad{margin-bottom:.6em;padding-inline-start:.7em;border-inline-start:3px solid;color:var(--bad)}
@media ${NARROW}{dialog{inset:0;width:100%;max-width:none;height:100%;max-height:none;border:0;border-radius:0}}
@media print{.launch{display:none}}`);

	const host = el("policy-chat");
	const root = host.attachShadow({ mode: "open" });
	root.adoptedStyleSheets = [sheet];
	const date = el("p", { class: "small" });
	const log = el("div", { class: "log", role: "log", "aria-live": "off", "aria-label": text("log"), tabIndex: 0 },
		el("p", {}, data.greeting ?? GREETING));
	const problem = el("p", { class: "bad", id: "bad", hidden: true });
	const status = el("p", { class: "unseen", role: "status" });
	const input = el("textarea", {
		id: "question", rows: 1, maxLength: 1000, "aria-describedby": "bad",
		onkeydown: (event) => {
			if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
				event.preventDefault();
				ask(input.value);
			}
		},
	});
	const form = el("form", { onsubmit: (event) => { event.preventDefault(); ask(input.value); } },
		problem,
		el("label", { for: "question" }, text("label")),
		el("div", { class: "line" }, input, el("button", { class: "send" }, text("ask"))),
		el("p", { class: "small" }, text("note")));
	const panel = el(inline ? "div" : "dialog", { class: "panel", "aria-labelledby": "title", id: "panel" },
		el("header", {},
			el("hgroup", {}, el("h2", { id: "title" }, text("title")), date),
			!inline && button("×", () => close(), { class: "close", "aria-label": text("close") })),
		log, form, status);
	const launch = !inline && button(text("button"), () => (panel.open ? close() : open()), {
		class: "launch", "aria-expanded": "false", "aria-controls": "panel", "aria-haspopup": "dialog",
	});
	root.append(el("section", { class: "w", lang: language, dir: "auto", "aria-label": text("title") }, launch, panel));

	const buttons = (questions) =>
		el("div", { class: "more" }, ...questions.map((question) => button(question, () => {
			log.focus({ preventScroll: true }); // the button goes; the box would call up a keyboard
			ask(question);
		})));
	log.append(buttons((data.questions ?? QUESTIONS).split("|").filter(Boolean)));

	const source = (cited, original) => {
		const name = `${text("source")} ${cited.id}`;
		return el("figure", {}, el("blockquote", {}, cited.display),
			el("figcaption", {}, cited.section && `${cited.section} · `,
				el("time", { dateTime: cited.snapshot_date }, long(cited.snapshot_date)),
				(cited.archived_url || original) && " · ",
				link(cited.archived_url, text("archived"), name) || link(original, text("policy"), name)));
	};

	const copy = (label, words) =>
		navigator.clipboard && button(label, ({ target }) => navigator.clipboard.writeText(words).then(() => {
			target.textContent = status.textContent = text("copied");
		}));

	// All that a message would say stands there before a mail program opens.
	const card = (action) => {
		const mail = action.type === "email" && new URL(action.href);
		const rows = mail
			? [["to", action.text], ...["subject", "body"].map((field) => [field, mail.searchParams.get(field)])]
			: action.label.includes(action.text) ? [] : [["", action.text]];
		const opens = link(action.href, action.label);
		return el("div", { class: "card" },
			...rows.filter(([, words]) => words).map(([field, words]) =>
				el("p", { class: "row" }, field && el("span", { class: "small" }, text(field)), words)),
			opens, (mail || !opens) && copy(mail ? text("copy") : action.label, action.text));
	};

	const fill = (turn, answer) => {
		const address = Object.fromEntries(answer.snapshots.map((one) => [one.date, one.original_url]));
		const lead = (words) => el("p", { class: "lead" }, words);
		const sources = (cited) => cited.map((one) => source(one, address[one.snapshot_date]));
		const contacts = answer.actions.map((action) => action.citation);
		const near = answer.near.filter((one) => !contacts.includes(one.id));
		const open = ["not_stated", "partly"].includes(answer.behaviour);
		turn.append(
			...sources(answer.citations),
			...near.length ? [lead(text("near")), ...sources(near)] : [],
			...contacts.length ? [lead(text(open ? "canAsk" : "canDo")), ...answer.actions.map(card)] : [],
			...answer.notices.map((notice) => el("p", { class: "small" }, notice)),
			answer.followups.length ? buttons(answer.followups) : "");
	};

	/* What is asked */

	const fault = (code, message) =>
		Object.assign(Error(message ?? text(code, code === "refused" ? location.origin : company)), { code });
	const ending = new AbortController();
	const asked = [];
	let busy = false;
	let known = "";

	const request = async (path, options) => {
		const init = { credentials: "omit", referrerPolicy: "no-referrer", ...options };
		const reply = await fetch(base + path, { ...init, signal: ending.signal }).catch(async () => {
			// A browser does not say why: a server that can be reached has turned this site away.
			const there = await fetch(`${base}healthz`, { ...init, method: "GET", body: null, headers: {}, mode: "no-cors" }).catch(() => null);
			throw fault(there ? "refused" : "away");
		});
		if (reply.ok) return reply;
		if (reply.status === 404) throw fault("unknown");
		const { error } = await reply.json().catch(() => ({}));
		throw fault(error?.code ?? "away", error?.message);
	};

	const fail = (error) => {
		if (ending.signal.aborted) return;
		console.error("policychat:", error);
		const { code, message } = error.code ? error : fault("away");
		problem.textContent = status.textContent = message;
		problem.hidden = false;
		emit("error", { code, message });
	};

	// Name and day of the policy; a site that may not ask learns it here, before anyone types.
	const load = async () => {
		if (known) return;
		try {
			const { name, snapshots } = await (await request(`api/v1/policies/${encodeURIComponent(company)}`)).json();
			known = name;
			date.append(`${name} · ${text("asOf", long(snapshots.at(-1)))}`);
		} catch (error) {
			fail(error);
		}
	};

	const ask = async (question) => {
		question = String(question ?? "").trim();
		if (!question || busy) return;
		busy = true;
		problem.hidden = true;
		input.value = "";
		const first = el("h3", {}, el("span", { class: "wait" }, text("wait")));
		const turn = el("article", { lang: "en", dir: "ltr" }, el("p", { class: "q" }, question), first);
		const before = log.querySelector(".more");
		before?.remove();
		log.append(turn);
		const seen = () => inline ? turn.scrollIntoView({ block: "nearest" }) : (log.scrollTop = turn.offsetTop - 12);
		seen();
		let words = "";
		let answer;
		try {
			const reply = await request("api/v1/ask", {
				method: "POST",
				headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
				body: JSON.stringify({
					question, company, only_company: true,
					history: asked.slice(-8).map((content) => ({ role: "user", content })),
				}),
			});
			const stream = reply.body.pipeThrough(new TextDecoderStream()).getReader();
			for (let rest = "", piece; !(piece = await stream.read()).done; seen()) {
				const whole = (rest + piece.value).split("\n\n");
				rest = whole.pop();
				for (const event of whole) {
					const [name, body] = event.slice(7).split("\ndata: ");
					const sent = JSON.parse(body);
					if (name === "citations") fill(turn, sent);
					else if (name === "token") first.textContent = (words += sent.text).split("\n\n")[0];
					else if (name === "done") answer = sent;
					else throw fault("failed", sent.error.message);
				}
			}
			if (!answer) throw fault("away");
			asked.push(question);
			const cited = answer.citations.length;
			const of = cited ? `${text(cited > 1 ? "sources" : "source", cited)}, ${known}, ${long(answer.citations[0].snapshot_date)}.` : "";
			status.textContent = `${first.textContent} ${of}`;
			emit("answer", { behaviour: answer.behaviour, sources: cited });
		} catch (error) {
			turn.remove();
			if (before) log.append(before);
			input.value ||= question;
			fail(error);
		} finally {
			busy = false;
		}
	};

	/* What a page may do with it */

	const open = () => {
		if (!inline && !panel.open) {
			narrow.matches ? panel.showModal() : panel.show();
			launch.ariaExpanded = "true";
			emit("open");
			load();
		}
		input.focus();
	};
	const close = () => !inline && panel.close();
	const destroy = () => {
		ending.abort();
		host.remove();
		if (window.PolicyChat === api) delete window.PolicyChat;
	};
	const api = {
		open, close, destroy,
		ask: (question) => {
			open();
			return ask(question);
		},
	};

	panel.onclose = () => {
		launch.ariaExpanded = "false";
		launch.focus();
	};
	// Keys typed here are no shortcuts of the page.
	for (const type of ["keydown", "keyup", "keypress"])
		root.addEventListener(type, (event) => {
			event.stopPropagation();
			if (event.key === "Escape" && type === "keydown") close();
		});

	const start = () => {
		window.PolicyChat?.destroy();
		window.PolicyChat = api;
		inline && document.body.contains(script) ? script.after(host) : document.body.append(host);
		if (inline) load();
		emit("ready");
	};
	document.body ? start() : addEventListener("DOMContentLoaded", start);
})();
