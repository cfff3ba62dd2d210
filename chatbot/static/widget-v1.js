/* policychat widget 1, Apache-2.0 */
(() => {
	const script = document.currentScript;
	const data = script.dataset;
	const base = new URL(".", script.src);
	const company = data.company ?? "";
	const inline = data.mode === "inline";
	const language = (data.lang || "en").replace("_", "-");
	const small = "(max-width:480px),(max-height:480px)";

	// data-text-as-of="Stand: {}" says it otherwise.
	const TEXT = {
		title: "Privacy questions",
		close: "Close",
		label: "Ask in your own words",
		ask: "Ask",
		note: "Nothing you type is kept. Not legal advice.",
		asOf: "Policy as of {}",
		wait: "Looking…",
		away: "The answer service cannot be reached. Try again.",
		refused: "The answer service takes no questions from {}.",
		near: "Related, but not an answer:",
		canDo: "What you can do:",
		canAsk: "You can ask:",
		archived: "Archived page",
		policy: "The whole policy",
		source: "{} source",
		sources: "{} sources",
		copy: "Copy address",
		copied: "Copied",
	};
	const text = (key, value) =>
		(data["text" + key[0].toUpperCase() + key.slice(1)] ?? TEXT[key]).replace("{}", () => value);

	// Words become text nodes only.
	const el = (tag, props, ...kids) => {
		const node = document.createElement(tag);
		for (const name in props)
			name in node ? (node[name] = props[name]) : node.setAttribute(name, props[name]);
		node.append(...kids.flat().filter(Boolean));
		return node;
	};
	const p = (kind, ...kids) => el("p", { class: kind }, ...kids);
	const button = (label, onclick, props) => el("button", { type: "button", onclick, ...props }, label);
	const link = (href, label, ariaLabel = label) =>
		/^(https?|mailto|tel):/.test(href) &&
		el("a", { href, target: href[0] === "h" ? "_blank" : "", rel: "noreferrer", ariaLabel }, label);
	const long = (day) =>
		new Date(day).toLocaleDateString(language === "en" ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" });
	const emit = (name, detail) => host.dispatchEvent(new CustomEvent("policychat:" + name, { detail, bubbles: true }));

	const accent = CSS.supports("color", data.accent) ? data.accent : "#0b6b62";
	const scheme = { light: "light", dark: "dark" }[data.theme] ?? "light dark";
	const [down, across] = (data.position ?? "bottom-right").split("-");
	const black = "calc((.18 - y)*99)"; // or white, as can be read on the accent
	const sheet = new CSSStyleSheet();
	// !important beats the page's.
	sheet.replaceSync(`
:host{all:initial!important;${inline ? "display:block" : "position:absolute!important;z-index:2147483647"}!important}
section{--quiet:color-mix(in srgb,CanvasText 70%,Canvas);color-scheme:${scheme};color:CanvasText;font:1em/1.5 system-ui,sans-serif}
*{box-sizing:border-box;margin:0;font:inherit;color:inherit;overflow-wrap:anywhere}
[hidden],dialog:not([open]){display:none!important}
[role=status]{position:absolute;clip-path:inset(50%)}
:focus-visible{outline:2px solid CanvasText;outline-offset:2px}
button,textarea,.panel{border:1px solid #8888;border-radius:.6em;background:Canvas}
button{min-height:2.75em;padding:.4em .8em;text-align:start;cursor:pointer}
.main{background:${accent};color:color(from ${accent} xyz-d65 ${black} ${black} ${black});border-color:#0000}
section>.main{position:fixed;${down}:1.25em;${across}:1.25em;padding:.75em 1.25em;border-radius:2em;box-shadow:0 2px 9px #0005}
.panel{display:flex;flex-direction:column;padding:0;border-radius:1em;overflow:hidden}
dialog{position:fixed;inset:auto;${down}:5.25em;${across}:1.25em;width:25em;max-height:min(42em,100vh - 7em);box-shadow:0 2px 9px #0005}
header,form{padding:.75em 1.1em;border:solid #8884;border-width:0 0 1px}
form{border-width:1px 0 0}
header,.line{display:flex;gap:.5em;align-items:start}
.line{margin:.2em 0 .5em}
header div,textarea{flex:1}
h2,h3{font-size:1.1em;font-weight:650;line-height:1.35}
.small,figcaption,label{color:var(--quiet);font-size:.875em}
.log{flex:1;overflow:auto;padding:1em 1.1em}
.log,article,.card,.more{display:grid;gap:.8em;align-content:start;justify-items:start}
.q{justify-self:end}
.q,.card{padding:.6em .8em;border-radius:.6em;white-space:pre-line;background:color-mix(in srgb,CanvasText 6%,Canvas)}
article{scroll-margin:1em}
figure{padding-inline-start:.8em;border-inline-start:3px solid ${accent}}
blockquote{font-family:ui-serif,Georgia,serif}
.card{gap:.4em;justify-self:stretch}
.wait{color:var(--quiet);animation:.01s .3s show both}
@keyframes show{from{opacity:0}}
textarea{min-width:0;max-height:9em;padding:.6em .8em;border-color:var(--quiet);resize:none;field-sizing:content}
.bad{margin-bottom:.6em;padding-inline-start:.8em;border-inline-start:3px solid;color:light-dark(#a3261b,#ffa397)}
@media ${small}{dialog.panel{inset:0;width:100%;max-width:none;height:100%;max-height:none;border:0;border-radius:0}}
`);

	const date = p("small");
	const log = el("div", { class: "log", role: "log", "aria-live": "off", "aria-label": text("title"), tabIndex: 0 },
		p("", data.greeting ?? "Ask what the privacy policy says, and get its own words."));
	const problem = el("p", { class: "bad", hidden: true });
	const status = el("p", { role: "status" });
	const input = el("textarea", { id: "box", rows: 1, maxLength: 1000 });
	const send = (event) => ask(input.value, event.preventDefault());
	input.onkeydown = (event) => {
		if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
	};
	const panel = el(inline ? "article" : "dialog", { class: "panel", "aria-label": text("title") },
		el("header", {}, el("div", {}, el("h2", {}, text("title")), date),
			!inline && button("×", () => close(), { "aria-label": text("close") })),
		log,
		el("form", { onsubmit: send }, problem, el("label", { for: "box" }, text("label")),
			el("div", { class: "line" }, input, el("button", { class: "main" }, text("ask"))),
			p("small", text("note"))),
		status);
	const launch = button(text("title"), () => (panel.open ? close() : open()),
		{ class: "main", ariaExpanded: false, hidden: inline });
	const host = el("policy-chat");
	const root = host.attachShadow({ mode: "open" });
	root.adoptedStyleSheets = [sheet];
	root.append(el("section", { lang: language, dir: "auto", "aria-label": text("title") }, launch, panel));

	const more = (questions) =>
		el("div", { class: "more" }, questions.map((question) => button(question, () => {
			log.focus(); // the button goes; the box calls up a keyboard
			ask(question);
		})));
	log.append(more((data.questions ?? "Is my information sold?|How do I stop e-mails?|How is my information deleted?").split("|")));

	const card = ({ type, href, label, text: words }) => {
		const mail = type === "email" && new URL(href).searchParams;
		const opens = link(href, label);
		const copies = (mail || !opens) && navigator.clipboard;
		return el("div", { class: "card" },
			(mail || !label.includes(words)) && p("", words),
			mail && [...mail].map((field) => p("", field.join(": "))),
			opens,
			copies && button(mail ? text("copy") : label, async ({ target }) => {
				await copies.writeText(words);
				target.textContent = status.textContent = text("copied");
			}));
	};

	const fill = (turn, { behaviour, snapshots, citations, near, actions, notices }) => {
		const source = ({ id, display, section, snapshot_date: day, archived_url }) => {
			const label = text(archived_url ? "archived" : "policy");
			return el("figure", {}, el("blockquote", {}, display),
				el("figcaption", {}, section && section + " · ", el("time", { dateTime: day }, long(day)), " ",
					link(archived_url ?? snapshots.find(({ date }) => date === day)?.original_url, label,
						`${label} ${id}: ${section} ${long(day)}`)));
		};
		const close = near.filter(({ id }) => !actions.some((action) => action.citation === id));
		turn.append(
			...citations.map(source),
			...(close[0] ? [p("small", text("near")), ...close.map(source)] : []),
			...(actions[0] ? [p("small", text(near[0] || behaviour === "partly" ? "canAsk" : "canDo")), ...actions.map(card)] : []),
			...notices.map((notice) => p("small", notice)));
	};

	const asked = [];
	let busy;

	const fault = (code, message) =>
		Object.assign(Error(message ?? text(code, location.origin)), { code });
	const request = async (path, options) => {
		const reply = await fetch(new URL(path, base), { credentials: "omit", ...options }).catch(async () => {
			// If it is there, it refused the site.
			throw fault(await fetch(new URL("healthz", base), { credentials: "omit", mode: "no-cors" }).then(() => "refused", () => "away"));
		});
		if (!reply.ok) throw fault("failed", (await reply.json()).error.message);
		return reply;
	};
	const fail = (error) => {
		console.error("policychat:", error);
		const { code, message } = error.code ? error : fault("away");
		problem.textContent = status.textContent = message;
		problem.hidden = false;
		emit("error", { code, message });
	};

	const load = async () => {
		if (!date.textContent)
			try {
				const known = await (await request("api/v1/policies/" + encodeURIComponent(company))).json();
				date.textContent = `${known.name} · ${text("asOf", long(known.snapshots.at(-1)))}`;
			} catch (error) {
				fail(error);
			}
	};

	const ask = async (question) => {
		question = question.trim();
		if (!question || busy) return;
		busy = problem.hidden = true;
		input.value = "";
		const first = el("h3", {}, el("span", { class: "wait" }, text("wait")));
		const turn = el("article", { lang: "en", dir: "ltr" }, p("q", question), first);
		const before = log.querySelector(".more");
		before.replaceWith(turn);
		let answer, rest = "", words = "", piece;
		try {
			const reply = await request("api/v1/ask", {
				method: "POST",
				headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
				body: JSON.stringify({ question, company, only_company: true,
					history: asked.slice(-8).map((content) => ({ role: "user", content })) }),
			});
			const stream = reply.body.pipeThrough(new TextDecoderStream()).getReader();
			while (!(piece = await stream.read()).done) {
				const events = (rest + piece.value).split("\n\n");
				rest = events.pop();
				for (const event of events) {
					const [kind, body] = event.slice(7).split("\ndata: ");
					const sent = JSON.parse(body);
					if (kind === "citations") fill(turn, sent);
					else if (kind === "token") first.textContent = (words += sent.text).split("\n\n")[0];
					else if (kind === "done") answer = sent;
					else throw fault("failed", sent.error.message);
				}
				turn.scrollIntoView({ block: inline ? "nearest" : "start" });
			}
			turn.after(more(answer.followups));
			asked.push(question);
			await load();
			const sources = answer.citations.length;
			status.textContent = `${first.textContent} ${text(sources === 1 ? "source" : "sources", sources)}, ${date.textContent}.`;
			emit("answer", { behaviour: answer.behaviour, sources });
		} catch (error) {
			turn.replaceWith(before);
			input.value ||= question;
			fail(error);
		}
		busy = false;
	};

	const open = () => {
		if (!inline && !panel.open) {
			matchMedia(small).matches ? panel.showModal() : panel.show();
			launch.ariaExpanded = true;
			emit("open");
			load();
		}
		input.focus();
	};
	const close = () => inline || panel.close();
	panel.onclose = () => {
		launch.ariaExpanded = false;
		launch.focus();
	};
	root.addEventListener("keydown", (event) => {
		event.stopPropagation(); // no shortcut of the page
		if (event.key === "Escape") close();
	});
	window.PolicyChat?.destroy();
	window.PolicyChat = {
		open,
		close,
		ask: (question) => ask(question, open()),
		destroy() {
			host.remove();
			delete window.PolicyChat;
		},
	};
	// Beside the body, which a page may hide.
	inline ? script.after(host) : document.documentElement.append(host);
	if (inline) load();
	emit("ready");
})();
