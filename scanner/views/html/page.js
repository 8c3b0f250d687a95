// The page without its pictures: colours, filter, links, keyboard, paper. One function is made of this file and of pictures.js,
// which goes on where there are any.
const root = document.documentElement;
const at = (id) => document.getElementById(id);
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const scroll = (element, block = "center") =>
  element.scrollIntoView({ block, behavior: calm.matches ? "auto" : "smooth" });
root.classList.add("js");

// ---- colours: as the system has them, or as was chosen last
const themes = all(".theme button");
const paint = (name) => {
  if (name === "auto") delete root.dataset.theme;
  else root.dataset.theme = name;
  for (const one of themes) one.setAttribute("aria-pressed", String(one.dataset.theme === name));
};
let kept = null;
try {
  kept = localStorage.getItem("snowfence-theme");
} catch {} // some browsers keep nothing for files
paint(kept === "light" || kept === "dark" ? kept : "auto");
for (const one of themes)
  one.addEventListener("click", () => {
    paint(one.dataset.theme);
    try {
      localStorage.setItem("snowfence-theme", one.dataset.theme);
    } catch {}
  });

// ---- the list: filter, groups, order
const list = at("list");
const items = list ? all(".finding", list).map((element, order) => ({
  element,
  order,
  head: element.querySelector("summary") || element,
  severity: Number(element.dataset.severity),
  rule: element.dataset.rule,
  file: element.dataset.file,
  line: Number(element.dataset.line),
  fresh: "new" in element.dataset,
  // What is looked at first: what is new, and of that the worst.
  rank: ("new" in element.dataset) * 10 + Number(element.dataset.severity),
  // What a row says, with the places, names and the fingerprint that it opens on.
  text: [element.querySelector("summary") || element, ...all(".body .where, .foot code, .stakes code", element)]
    .map((one) => one.textContent).join(" ").toLowerCase(),
})) : [];
const field = (id) => at(id) || { value: "", checked: false, addEventListener() {} };
const search = field("search"), rule = field("rule"), file = field("file"), group = field("group");
const sort = field("sort"), fresh = field("only-new"), tiles = all(".tile");
let sections = [];

const arrange = () => {
  const name = (one) => (group.value === "file" ? one.file : group.value === "none" ? "" : one.rule);
  const place = (a, b) =>
    (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.order - b.order;
  const worst = (a, b) => b.rank - a.rank || a.order - b.order;
  const byPlace = sort.value === "place";
  const found = new Map();
  for (const one of items.slice().sort(byPlace ? place : worst)) {
    if (!found.has(name(one))) found.set(name(one), []);
    found.get(name(one)).push(one);
  }
  sections = [...found].map(([key, ones]) => ({ key, ones, worst: Math.max(...new Set(ones.map((one) => one.rank))) }));
  if (!byPlace) sections.sort((a, b) => b.worst - a.worst || b.ones.length - a.ones.length || (a.key < b.key ? -1 : 1));
  const rest = all("#list > .remark");
  for (const one of sections) {
    one.element = document.createElement("section");
    one.element.className = group.value === "rule" ? "group by-rule" : "group";
    const head = document.createElement("h3");
    const title = document.createElement("span");
    const guide = group.value === "rule" && at(`rule-${one.key}`);
    if (guide) title.append(...guide.querySelector("h3").cloneNode(true).childNodes);
    else title.textContent = one.key;
    title.className = group.value === "file" ? "name where" : "name";
    one.count = document.createElement("span");
    one.count.className = "count";
    head.append(title, " ", one.count);
    if (one.key) one.element.append(head);
    one.element.append(...one.ones.map((item) => item.element));
  }
  list.replaceChildren(...sections.map((one) => one.element), ...rest);
  filter();
};

const filter = () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = new Set(tiles.filter((one) => one.getAttribute("aria-pressed") === "true").map((one) => Number(one.dataset.only)));
  let shown = 0;
  for (const section of sections) {
    let here = 0;
    for (const one of section.ones) {
      const fits = (!wanted.size || wanted.has(one.severity)) && (!rule.value || one.rule === rule.value) &&
        (!file.value || one.file === file.value) && (!fresh.checked || one.fresh) &&
        words.every((word) => one.text.includes(word));
      one.element.hidden = !fits;
      here += fits;
    }
    section.element.hidden = !here;
    section.count.textContent = here === section.ones.length ? here : `${here} of ${section.ones.length}`;
    shown += here;
  }
  // Those that have no room in the list count, too.
  const total = Number(at("status").dataset.total);
  at("status").textContent = `${shown.toLocaleString("en")} of ${total.toLocaleString("en")} findings`;
  at("nothing").hidden = shown > 0;
  at("reset").hidden = shown === items.length;
};

const reset = () => {
  search.value = rule.value = file.value = "";
  fresh.checked = false;
  for (const one of tiles) one.setAttribute("aria-pressed", "false");
  filter();
};

if (list) {
  let soon = 0;
  search.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(filter, 60);
  });
  for (const one of [rule, file, fresh]) one.addEventListener("change", filter);
  for (const one of [group, sort]) one.addEventListener("change", arrange);
  for (const one of tiles)
    one.addEventListener("click", () => {
      one.setAttribute("aria-pressed", String(one.getAttribute("aria-pressed") !== "true"));
      filter();
    });
  at("reset").addEventListener("click", () => {
    reset();
    search.focus();
  });
  at("open").addEventListener("click", () => {
    const visible = items.filter((one) => !one.element.hidden && one.element.tagName === "DETAILS").slice(0, 500);
    const open = !visible.every((one) => one.element.open);
    for (const one of visible) one.element.open = open;
    at("open").textContent = open ? "Close all" : "Open all";
  });
  arrange();
}

// ---- links into the page: what they lead to is opened and shown
const reveal = () => {
  let target = null;
  try {
    target = at(decodeURIComponent(location.hash.slice(1)));
  } catch {} // not a name of ours
  if (!target) return;
  if (target.hidden) reset();
  for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
  for (const one of all(".target")) one.classList.remove("target");
  target.classList.add("target");
  scroll(target, "start");
  (target.querySelector("summary") || target).focus({ preventScroll: true });
};
addEventListener("hashchange", reveal);

const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
};
document.addEventListener("click", (event) => {
  const from = event.target.closest("[data-copy], [data-rule-only], a[href^='#']");
  if (!from) return;
  if (from.dataset.copy) {
    const said = from.textContent;
    copy(from.dataset.copy).then(() => {
      from.textContent = "Copied";
      setTimeout(() => (from.textContent = said), 1200);
    });
  } else if (from.dataset.ruleOnly) {
    reset();
    rule.value = from.dataset.ruleOnly;
    filter();
    scroll(at("findings"), "start");
  } else if (from.getAttribute("href") === location.hash) reveal(); // the same once more
});

// ---- the keyboard
const move = (step) => {
  const rows = items.length ? all("#list .finding").filter((one) => !one.hidden) : [];
  if (!rows.length) return;
  const now = rows.indexOf(document.activeElement.closest(".finding"));
  const next = rows[Math.min(Math.max(now < 0 ? 0 : now + step, 0), rows.length - 1)];
  const head = next.querySelector("summary") || next;
  head.focus({ preventScroll: true });
  head.scrollIntoView({ block: "nearest" });
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const here = event.target;
  if (here.closest("input[type=search]") && event.key === "ArrowDown") {
    event.preventDefault();
    move(0);
  } else if (event.key === "Escape" && here.closest(".filter")) {
    search.value = "";
    filter();
    here.blur();
  } else if (here.closest("input, select, textarea, .picture, [role=tab], pre, .wide")) return;
  else if (event.key === "/" && at("search")) {
    event.preventDefault();
    scroll(at("findings"), "start");
    at("search").focus({ preventScroll: true });
  } else if (event.key === "j" || (event.key === "ArrowDown" && here.closest(".finding"))) {
    event.preventDefault();
    move(1);
  } else if (event.key === "k" || (event.key === "ArrowUp" && here.closest(".finding"))) {
    event.preventDefault();
    move(-1);
  } else if (event.key === "Escape") {
    const row = here.closest("details.finding[open]");
    if (row) row.open = false;
    else if (list) reset();
  }
});

// ---- paper has no clicks: what is worst is open on it, and what is read on a screen is not
let turned = [];
addEventListener("beforeprint", () => {
  const worst = all("details.finding:is(.critical, .high):not([open])").filter((one) => !one.hidden).slice(0, 100);
  turned = [...worst, ...all(".chapter:not([open])"), ...all("details[open]:is(.guide, .area, .list)")];
  for (const one of turned) one.open = !one.open;
});
addEventListener("afterprint", () => {
  for (const one of turned) one.open = !one.open;
});
// Behind what the browser itself does about a link, which takes the focus away.
if (location.hash) addEventListener("load", () => setTimeout(reveal));
