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
  const known = aside.querySelector(".known"), said = panel.querySelector("[role=status]");
  const ends = { from: new Map(), to: new Map() };
  for (const edge of edges)
    for (const end of ["from", "to"]) {
      const key = edge.dataset[end], map = ends[end];
      if (!map.has(key)) map.set(key, []);
      map.get(key).push(edge);
    }
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
  // What is seen of the drawing: the facts of a node may lie over its right side.
  const frame = () => {
    const { left, top, right, bottom } = canvas.getBoundingClientRect(), over = aside.getBoundingClientRect();
    const free = !aside.hidden && over.top < bottom && over.left > left ? over.left : right;
    return { left, top, bottom, right: free, width: free - left, height: bottom - top };
  };
  // At first all of it; where that would be too small to read, what it begins with on the left.
  const begin = () => {
    if (svg.dataset.begun || !svg.clientWidth) return;
    svg.dataset.begun = "true";
    const fits = Math.min(1, canvas.clientWidth / width);
    const tall = height * (fits < 0.8 ? 0.92 : fits) + 24;
    canvas.style.height = `${Math.max(240, Math.min(tall, canvas.clientHeight))}px`;
    fit();
    const size = svg.getScreenCTM().a;
    if (size >= 0.8) return;
    zoom(0.92 / size, { x: 0, y: 0 });
    const seen = frame(), box = world.getBoundingClientRect(), first = nodes[0].getBoundingClientRect();
    const wanted = seen.top + seen.height / 2 - first.top - first.height / 2;
    const most = seen.top + 8 - box.top, least = seen.bottom - 8 - box.bottom;
    pan(seen.left + 8 - box.left, box.height < seen.height ? (most + least) / 2 : Math.min(Math.max(wanted, least), most));
  };
  const pan = (across, down) => {
    const ratio = svg.getScreenCTM().a;
    x += across / ratio;
    y += down / ratio;
    place();
  };
  const centre = (node, least) => {
    const box = node.getBoundingClientRect(), seen = frame();
    if (least && box.height < least) {
      zoom(least / box.height, point(box.left + box.width / 2, box.top + box.height / 2));
      return centre(node, 0);
    }
    pan(seen.left + seen.width / 2 - box.left - box.width / 2, seen.top + seen.height / 2 - box.top - box.height / 2);
  };
  const reach = (node) => {
    const box = node.getBoundingClientRect(), seen = frame();
    const out = box.left < seen.left || box.right > seen.right || box.top < seen.top || box.bottom > seen.bottom;
    if (out || box.height < 18) centre(node, 40);
  };
  const select = (node) => {
    for (const one of all(".selected, .near, .lit", world)) one.classList.remove("selected", "near", "lit");
    svg.classList.toggle("choosing", Boolean(node));
    aside.hidden = !node;
    said.textContent = "";
    if (!node) return;
    node.classList.add("selected");
    light(node, "from", "to");
    light(node, "to", "from");
    for (const one of nodes) one.tabIndex = one === node ? 0 : -1;
    const facts = at(`${node.id}-facts`);
    known.replaceChildren(...facts.cloneNode(true).childNodes);
    said.textContent = known.querySelector("h4").textContent;
    aside.scrollTop = 0;
  };
  // The whole way from a node onwards, or back.
  const light = (node, near, far) => {
    const waiting = [node.id], seen = new Set(waiting);
    while (waiting.length)
      for (const edge of ends[near].get(waiting.pop()) || []) {
        const next = edge.dataset[far];
        edge.classList.add("lit");
        at(next)?.classList.add("near");
        if (!seen.has(next)) waiting.push(next);
        seen.add(next);
      }
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
  const shut = () => {
    const node = world.querySelector(".selected");
    select(null);
    node?.focus({ preventScroll: true });
  };
  aside.querySelector(".close").addEventListener("click", shut);
  aside.addEventListener("keydown", (event) => event.key === "Escape" && shut());
  nodes.forEach((one, number) => (one.tabIndex = number ? -1 : 0));
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && !canvas.contains(document.activeElement)) return; // the page scrolls
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), point(event.clientX, event.clientY));
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
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
  for (const button of all("[data-zoom]", panel))
    button.addEventListener("click", () => {
      if (button.dataset.zoom === "fit") fit();
      else zoom(button.dataset.zoom === "in" ? 1.4 : 1 / 1.4, middle());
    });
  canvas.addEventListener("click", (event) => {
    if (!moved) select(event.target.closest(".node"));
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
  drawing.select(node);
  drawing.reach(node);
  node.focus({ preventScroll: true });
};
document.addEventListener("click", (event) => {
  const from = event.target.closest("[data-show]");
  if (from) show(from.dataset.show);
});
choose(tabs[0]);
