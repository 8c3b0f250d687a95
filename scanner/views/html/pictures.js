// The pictures: tabs, zoom, the choice of a node. Uses what page.js begins with.
const tabs = all("[role=tab]");
const choose = (tab, focus = false) => {
  for (const one of tabs) {
    one.setAttribute("aria-selected", String(one === tab));
    one.tabIndex = one === tab ? 0 : -1;
    at(one.getAttribute("aria-controls")).hidden = one !== tab;
  }
  if (focus) tab.focus();
  tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 40;
  drawings.find((one) => one.panel.id === tab.getAttribute("aria-controls"))?.begin();
};
tabs.forEach((tab, number) => {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) choose(tabs[(number + step + tabs.length) % tabs.length], true);
  });
});

const drawings = all(".picture").map((panel) => {
  const svg = panel.querySelector(".canvas > svg"), world = svg.querySelector(".world"), canvas = panel.querySelector(".canvas");
  const nodes = all(".node", world), edges = all("[data-from]", world), aside = panel.querySelector(".panel");
  const hint = [...aside.childNodes];
  let scale = 1, x = 0, y = 0, drag = null, moved = false;
  const fingers = new Map();
  const place = () => world.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
  const point = (clientX, clientY) => new DOMPoint(clientX, clientY).matrixTransform(svg.getScreenCTM().inverse());
  const zoom = (factor, centre) => {
    const next = Math.min(Math.max(scale * factor, 0.5), 40);
    x = centre.x - ((centre.x - x) * next) / scale;
    y = centre.y - ((centre.y - y) * next) / scale;
    scale = next;
    place();
  };
  const middle = () => {
    const box = canvas.getBoundingClientRect();
    return point(box.left + box.width / 2, box.top + box.height / 2);
  };
  const { width, height } = svg.viewBox.baseVal;
  const whole = (at = 1) => {
    scale = at;
    x = ((1 - at) * width) / 2;
    y = ((1 - at) * height) / 2;
    place();
  };
  const fit = () => whole(Math.min(1, 1.15 / svg.getScreenCTM().a)); // no larger than is well read
  // At first its left end where all of it would be too small to read.
  const begin = () => {
    if (svg.dataset.begun || !svg.clientWidth) return;
    svg.dataset.begun = "true";
    const fits = Math.min(1, canvas.clientWidth / width);
    const tall = height * (fits < 0.5 ? 0.6 : fits) + 24;
    canvas.style.height = `${Math.max(220, Math.min(tall, canvas.clientHeight))}px`;
    fit();
    const size = svg.getScreenCTM().a;
    if (size >= 0.5) return;
    zoom(0.6 / size, { x: 0, y: 0 });
    const frame = canvas.getBoundingClientRect(), box = world.getBoundingClientRect();
    const down = (frame.height - box.height) / 2;
    pan(frame.left + 8 - box.left, frame.top + Math.max(down, 8) - box.top);
  };
  const pan = (across, down) => {
    const ratio = svg.getScreenCTM().a;
    x += across / ratio;
    y += down / ratio;
    place();
  };
  const centre = (node, least) => {
    const box = node.getBoundingClientRect(), frame = canvas.getBoundingClientRect();
    if (least && box.height < least) {
      zoom(least / box.height, point(box.left + box.width / 2, box.top + box.height / 2));
      return centre(node, 0);
    }
    pan(frame.left + frame.width / 2 - box.left - box.width / 2, frame.top + frame.height / 2 - box.top - box.height / 2);
  };
  const reach = (node) => {
    const box = node.getBoundingClientRect(), frame = canvas.getBoundingClientRect();
    const out = box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom;
    if (out || box.height < 18) centre(node, 24);
  };
  const select = (node) => {
    for (const one of all(".selected, .near, .lit", world)) one.classList.remove("selected", "near", "lit");
    svg.classList.toggle("choosing", Boolean(node));
    if (!node) return aside.replaceChildren(...hint);
    node.classList.add("selected");
    for (const edge of edges)
      if (edge.dataset.from === node.id || edge.dataset.to === node.id) {
        edge.classList.add("lit");
        for (const end of [edge.dataset.from, edge.dataset.to]) at(end)?.classList.add("near");
      }
    for (const one of nodes) one.tabIndex = one === node ? 0 : -1;
    const facts = at(`${node.id}-facts`);
    aside.replaceChildren(...(facts ? [...facts.cloneNode(true).childNodes] : hint));
    aside.scrollTop = 0;
  };
  const beside = (node, across, down) => {
    const from = node.getBoundingClientRect();
    let best = null, least = Infinity;
    for (const one of nodes) {
      const to = one.getBoundingClientRect();
      const dx = to.left + to.width / 2 - from.left - from.width / 2, dy = to.top + to.height / 2 - from.top - from.height / 2;
      const ahead = dx * across + dy * down, aside = Math.abs(dx * down) + Math.abs(dy * across);
      if (ahead > 1 && ahead + 2 * aside < least) [best, least] = [one, ahead + 2 * aside];
    }
    return best;
  };
  canvas.tabIndex = 0;
  nodes.forEach((one, number) => (one.tabIndex = number ? -1 : 0));
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && !canvas.contains(document.activeElement)) return; // the page scrolls
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), point(event.clientX, event.clientY));
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button")) return;
    fingers.set(event.pointerId, event);
    moved = false;
    drag = event.pointerType === "mouse" || fingers.size > 1 ? event : null;
  });
  canvas.addEventListener("pointermove", (event) => {
    const last = fingers.get(event.pointerId);
    if (!last || !drag) return;
    if (fingers.size === 2) {
      const other = [...fingers.values()].find((one) => one.pointerId !== event.pointerId);
      const gap = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
      zoom(gap(event) / gap(last), point((event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2));
    }
    if (moved || Math.hypot(event.clientX - drag.clientX, event.clientY - drag.clientY) > 4) {
      if (!moved) canvas.setPointerCapture(event.pointerId);
      moved = true;
      pan((event.clientX - last.clientX) / fingers.size, (event.clientY - last.clientY) / fingers.size);
      fingers.set(event.pointerId, event);
    }
  });
  for (const name of ["pointerup", "pointercancel"])
    canvas.addEventListener(name, (event) => {
      fingers.delete(event.pointerId);
      if (!fingers.size) drag = null;
    });
  canvas.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (button) {
      if (button.dataset.zoom === "fit") fit();
      else zoom(button.dataset.zoom === "in" ? 1.4 : 1 / 1.4, middle());
    } else if (!moved) select(event.target.closest(".node"));
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = event.target.closest(".node");
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (way && node) {
      const next = beside(node, ...way);
      if (next) {
        select(next);
        next.focus({ preventScroll: true });
        reach(next);
      }
    } else if (way) pan(-60 * way[0], -60 * way[1]);
    else if (node && (event.key === "Enter" || event.key === " ")) select(node);
    else if (event.key === "+" || event.key === "=") zoom(1.4, middle());
    else if (event.key === "-") zoom(1 / 1.4, middle());
    else if (event.key === "0") fit();
    else if (event.key === "Escape") select(null);
    else return;
    event.preventDefault();
  });
  return { panel, nodes, select, reach, begin };
});
const show = (key) => {
  const node = at(key);
  const drawing = drawings.find((one) => one.nodes.includes(node));
  if (!drawing) return;
  choose(at(drawing.panel.getAttribute("aria-labelledby")));
  scroll(drawing.panel);
  drawing.reach(node);
  drawing.select(node);
  node.focus({ preventScroll: true });
};
document.addEventListener("click", (event) => {
  const from = event.target.closest("[data-show]");
  if (from) show(from.dataset.show);
});
choose(tabs[0]);
