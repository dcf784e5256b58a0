// What is wrong with the layout of the page as it stands, one line each: what, and where.
phone => {
  const found = [];
  const say = (what, element, more = "") => found.push(`${what}: ${place(element)} ${more}`.trim());
  const place = one => {
    const classes = [...one.classList].map(name => `.${name}`).join("");
    const parent = one.parentElement && one.parentElement.closest("[id], [class], td, th, li, section");
    const outer = parent ? `${parent.localName}${parent.id ? `#${parent.id}` : [...parent.classList].map(name => `.${name}`).join("")} ` : "";
    return `${outer}${one.localName}${classes} "${(one.innerText ?? one.textContent ?? one.value ?? "").replace(/\s+/g, " ").trim().slice(0, 40)}"`;
  };
  const styles = new Map();
  const styleOf = one => styles.get(one) ?? (styles.set(one, getComputedStyle(one)), styles.get(one));
  const clips = one => /hidden|clip/.test(styleOf(one).overflowX + styleOf(one).overflowY);
  const scrolls = one => /auto|scroll/.test(styleOf(one).overflowX + styleOf(one).overflowY);
  const chain = one => { const all = []; for (; one; one = one.parentElement) all.push(one); return all; };
  const unseen = one => one.matches(".skip:not(:focus)") || styleOf(one).clipPath !== "none";
  const hidden = new Map();
  const isHidden = one => {
    if (!hidden.has(one)) hidden.set(one, unseen(one) || (one.parentElement ? isHidden(one.parentElement) : false));
    return hidden.get(one);
  };
  const visible = one => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !isHidden(one);
  // What lies over the page on purpose: only what lies in the same one is compared.
  const isLayer = one => styleOf(one).position === "fixed" || one.matches("dialog, :popover-open")
    || (styleOf(one).position === "sticky" && styleOf(one).bottom !== "auto");
  const layers = new Map();
  const layerOf = one => {
    if (!layers.has(one)) layers.set(one, isLayer(one) ? one : one.parentElement ? layerOf(one.parentElement) : null);
    return layers.get(one);
  };
  const within = (rect, element) => {  // what is left of it inside all that scrolls or clips
    let { left, top, right, bottom } = rect;
    for (const one of chain(element)) {
      if (one === document.documentElement || one === document.body || !(clips(one) || scrolls(one))) continue;
      const box = one.getBoundingClientRect();
      left = Math.max(left, box.left); top = Math.max(top, box.top);
      right = Math.min(right, box.right); bottom = Math.min(bottom, box.bottom);
    }
    return { left, top, right, bottom };
  };
  const NEAR = 2;
  const all = [...document.body.querySelectorAll("*")].filter(visible);
  const fields = all.filter(one => one.matches("input:not([type=hidden]), select, textarea"));
  const range = document.createRange();
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, owner = node.parentElement;
    if (!node.data.trim() || owner.matches("option, script, style, textarea") || !visible(owner)) continue;
    range.selectNodeContents(node);
    texts.push({ node, owner, lines: [...range.getClientRects()].filter(one => one.width > 1 && one.height > 1) });
  }

  const boxes = [
    ...texts.flatMap(({ owner, lines }) => lines.map(line => [owner, within(line, owner)])),
    ...fields.map(one => [one, within(one.getBoundingClientRect(), one)]),
  ].filter(([, box]) => box.right - box.left > NEAR && box.bottom - box.top > NEAR).sort((a, b) => a[1].top - b[1].top);
  const crossing = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > NEAR
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > NEAR * 2;
  boxes.forEach(([one, box], at) => {
    for (let next = at + 1; next < boxes.length && boxes[next][1].top < box.bottom; next++) {
      const [other, its] = boxes[next];
      if (one === other || one.contains(other) || other.contains(one)) continue;
      if (layerOf(one) === layerOf(other) && crossing(box, its)) say("overlap", one, `with ${place(other)}`);
    }
  });

  const canvas = document.createElement("canvas").getContext("2d");
  // The shorthand `font` is empty if digits have a style of their own, and an empty font leaves the last one in place.
  const fontOf = ({ fontWeight, fontSize, fontFamily }) => `${fontWeight} ${fontSize} ${fontFamily}`;
  const widthOf = (text, one) => { canvas.font = fontOf(styleOf(one)); return canvas.measureText(text).width; };
  const room = one => one.clientWidth - parseFloat(styleOf(one).paddingLeft) - parseFloat(styleOf(one).paddingRight);
  for (const one of all) {
    const style = styleOf(one);
    if (one.matches("input, select, textarea, svg, svg *, progress, meter")) continue;
    const wide = one.scrollWidth > one.clientWidth + 1, high = one.scrollHeight > one.clientHeight + 1;
    const cut = (wide && /hidden|clip/.test(style.overflowX)) || (high && /hidden|clip/.test(style.overflowY));
    if (one.textContent.trim() && (cut || (wide && style.textOverflow !== "clip"))) say("cut", one);
  }
  for (const one of all) {
    const { width, height } = one.getBoundingClientRect();
    if (one.matches("figure > svg") && height > 2 * width) say("tall", one);
  }
  for (const one of fields) {
    if (one.matches("select")) {
      const shown = one.selectedOptions[0]?.label ?? "";
      if (one.size < 2 && !one.multiple && widthOf(shown, one) > room(one) - 16) say("cut", one, `"${shown}"`);
    } else if (one.matches("input:not([type=checkbox], [type=radio], [type=file], [type=password])")) {
      const shown = one.value ? (one.value === one.defaultValue ? one.value : "") : one.placeholder;
      if (widthOf(shown, one) > room(one) + 1) say("cut", one, `"${shown}"`);
    }
  }
  for (const { owner, lines } of texts) {
    const block = chain(owner).find(one => !/^(inline|contents)$/.test(styleOf(one).display));
    if (!block || block.closest("svg") || scrolls(block) || clips(block)) continue;
    const box = block.getBoundingClientRect();
    if (lines.some(line => line.right > box.right + NEAR || line.left < box.left - NEAR)) say("spills", owner);
  }

  const tops = rects => new Set(rects.map(one => Math.round(one.top / 4))).size;
  for (const { node, owner, lines } of texts) {
    if (lines.length < 2 || owner.closest("svg")) continue;
    const block = chain(owner).find(one => !/^(inline|contents)$/.test(styleOf(one).display));
    if (/\p{L}{3}/u.test(node.data) && tops(lines) > 1 && room(block) < 8 * widthOf("0", block)) say("narrow", owner);
    if (owner.closest(".secret, .letters, code, .id, time")) continue;
    for (const word of node.data.matchAll(/[^\s\-–·/()[\]!]{2,}/gu)) {  // between the signs at which a line may end
      if (word[0].length > 20 || /[@.:_\d]\S/u.test(word[0])) continue;
      range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
      const parts = [...range.getClientRects()].filter(one => one.width > 1);
      if (parts.length > 1 && tops(parts) > 1) say("broken", owner, `in "${word[0]}"`);
    }
  }

  if (phone) {
    const LEAST = 43.5;
    const inSentence = one => styleOf(one).display === "inline" && [...one.parentElement.childNodes].some(
      other => other.nodeType === Node.TEXT_NODE && /\p{L}/u.test(other.data));
    for (const one of all) {
      if (!one.matches("a[href], button, summary, input:not([type=hidden]), select, textarea, [role=option]") || one.disabled) continue;
      if (one.closest("svg") || (one.matches("a") && inSentence(one))) continue;
      const label = one.matches("[type=checkbox], [type=radio]") ? one.labels[0] : null;
      const rects = [one, label].filter(Boolean).map(each => each.getBoundingClientRect());
      const width = Math.max(...rects.map(each => each.right)) - Math.min(...rects.map(each => each.left));
      const height = Math.max(...rects.map(each => each.bottom)) - Math.min(...rects.map(each => each.top));
      if (width < LEAST || height < LEAST) say("small", one, `${Math.round(width)} × ${Math.round(height)}`);
    }
  }
  return [...new Set(found)];
}
