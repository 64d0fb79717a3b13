"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Dark or light: as the system has it, until the reader says otherwise.
  const root = document.documentElement;
  const theme = one("#theme");
  const systemDark = matchMedia("(prefers-color-scheme: dark)");
  const remembered = (value) => {
    try { // a file opened from disk may have no storage
      if (value) localStorage.setItem("review-theme", value);
      return localStorage.getItem("review-theme");
    } catch { return null; }
  };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches);
  const named = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  if (["dark", "light"].includes(remembered())) root.dataset.theme = remembered();
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remembered(root.dataset.theme);
    named();
  });
  systemDark.addEventListener("change", named);
  named();

  // Links to a change open it, and what it is folded in.
  const reveal = () => {
    if (!/^#c\d+$/.test(location.hash)) return;
    const target = one(location.hash);
    if (!target) return;
    if (target.hidden) { only(null); search.value = ""; find(); }
    target.open = true;
    target.scrollIntoView({ block: "center" });
    (one("summary", target) || target).focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  addEventListener("click", (event) => { // the same link again changes no hash
    const link = event.target.closest("a[href]");
    if (link && link.getAttribute("href") === location.hash) reveal();
  });

  // Search and the choice of one operation hide what does not match.
  const search = one("#search");
  const found = one("#found");
  let items = null;
  const read = () => all(".item").map((item) => ({
    item,
    text: item.textContent.toLowerCase(),
    head: one("summary", item)?.textContent.toLowerCase(),
    op: item.closest("#changes") ? item.dataset.op : null,
  }));
  const groups = all(".group, main section").filter((group) => one(".item", group) && group.id !== "verdict");
  let chosen = null;
  let opened = [];
  const find = () => {
    const wanted = search.value.trim().toLowerCase();
    let count = 0;
    items ||= read();
    opened.forEach((each) => { each.open = false; });
    opened = [];
    const open = (each) => { if (each && !each.open && opened.length < 200) { each.open = true; opened.push(each); } };
    for (const { item, text, head, op } of items) {
      const hit = text.includes(wanted) && !(chosen && op && op !== chosen);
      item.hidden = !hit;
      if (!hit) continue;
      count += 1;
      if (!wanted) continue;
      open(item.closest("details.rest"));
      if (head !== undefined && !head.includes(wanted)) open(item);
    }
    for (const group of groups) group.hidden = !one(".item:not([hidden])", group);
    for (const node of all("#canvas .node")) {
      node.classList.toggle("miss", Boolean(wanted) && !one("title", node).textContent.toLowerCase().includes(wanted));
    }
    found.textContent = wanted ? `${count} ${count === 1 ? "match" : "matches"}` : "";
  };
  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(find, 80); });
  const filters = all("[data-only]");
  const only = (op) => {
    chosen = op;
    for (const each of filters) each.setAttribute("aria-pressed", String(each.dataset.only === op));
  };
  for (const each of filters) {
    each.addEventListener("click", () => { only(chosen === each.dataset.only ? null : each.dataset.only); find(); });
  }
  one("#unfold")?.addEventListener("click", ({ currentTarget: button }) => {
    const open = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(open));
    button.textContent = open ? "Fold all" : "Unfold all";
    for (const each of all("#changes details.change")) each.open = open;
  });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      find();
    }
  });

  // The graph: zoom changes its size, the canvas scrolls.
  const canvas = one("#canvas");
  if (canvas) {
    let zoom = 1;
    const near = one("svg", canvas);
    let far = null;
    const drawing = () => one("svg", canvas);
    const scaled = (value, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) => {
      const before = zoom;
      const { width, height } = drawing().viewBox.baseVal;
      zoom = Math.min(3, Math.max(0.05, value));
      const [left, top] = [(canvas.scrollLeft + x) / before, (canvas.scrollTop + y) / before];
      drawing().setAttribute("width", Math.round(width * zoom));
      drawing().setAttribute("height", Math.round(height * zoom));
      canvas.scrollTo(left * zoom - x, top * zoom - y);
    };
    const untabbed = () => { for (const link of all("a.node", canvas)) link.tabIndex = -1; }; // arrow keys reach them
    const fit = (least) => {
      const { width, height } = drawing().viewBox.baseVal;
      scaled(Math.min(1, Math.max(least, Math.min(canvas.clientWidth / width, innerHeight * 0.7 / height))));
      canvas.scrollTo(0, 0);
    };
    one("#in").addEventListener("click", () => scaled(zoom * 1.25));
    one("#out").addEventListener("click", () => scaled(zoom / 1.25));
    one("#fit").addEventListener("click", () => fit(0.05));
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const frame = canvas.getBoundingClientRect();
      scaled(zoom * Math.exp(-event.deltaY / 300), event.clientX - frame.left, event.clientY - frame.top);
    }, { passive: false });

    let held = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && event.button === 0) held = { x: event.clientX, y: event.clientY, moved: false };
    });
    addEventListener("pointermove", (event) => {
      if (!held) return;
      const [x, y] = [event.clientX - held.x, event.clientY - held.y];
      if (!held.moved && Math.hypot(x, y) < 4) return;
      canvas.classList.add("held");
      canvas.scrollBy(-x, -y);
      held = { x: event.clientX, y: event.clientY, moved: true };
    });
    let dragged = false;
    addEventListener("pointerup", () => { dragged = Boolean(held?.moved); held = null; canvas.classList.remove("held"); });
    canvas.addEventListener("click", (event) => { if (dragged) event.preventDefault(); dragged = false; }, true);
    canvas.addEventListener("dragstart", (event) => event.preventDefault());

    one("#whole")?.addEventListener("click", ({ currentTarget: button }) => {
      const whole = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(whole));
      far ||= one("svg", one("#all").content.cloneNode(true));
      drawing().replaceWith(whole ? far : near);
      untabbed();
      fit(0.4);
      find();
    });

    // What a resource takes from and gives to lights up with it.
    const light = (node) => {
      const over = one(".over", drawing());
      one(".lines", drawing()).append(...over.children);
      if (node) over.append(...all(`[data-s="${node.dataset.n}"], [data-t="${node.dataset.n}"]`, drawing()));
    };
    canvas.addEventListener("pointerover", (event) => light(event.target.closest(".node")));
    canvas.addEventListener("pointerleave", () => light(null));
    canvas.addEventListener("focusin", (event) => light(event.target.closest(".node")));

    // From change to change by arrow keys: the next one in that direction, near ones first.
    const middle = (node) => { const b = node.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; };
    const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "+" || event.key === "=") scaled(zoom * 1.25);
      else if (event.key === "-") scaled(zoom / 1.25);
      else if (event.key === "0") fit(0.05);
      else if (ways[event.key]) {
        const links = all("a.node", canvas);
        const from = document.activeElement.closest("a.node");
        const [right, down] = ways[event.key];
        const [x, y] = from ? middle(from) : [0, 0];
        const distance = (node) => {
          const [dx, dy] = [middle(node)[0] - x, middle(node)[1] - y];
          const ahead = dx * right + dy * down;
          return ahead > 1 ? ahead + 3 * Math.abs(dx * down + dy * right) : Infinity;
        };
        const next = from ? links.reduce((a, b) => (distance(b) < distance(a) ? b : a), from) : links[0];
        if (!next || (next === from)) return;
        next.focus({ preventScroll: true });
        next.scrollIntoView({ block: "nearest", inline: "nearest" });
      } else return;
      event.preventDefault();
    });
    untabbed();
    fit(0.6);
  }
  reveal();
})();
