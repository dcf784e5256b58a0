// Adds a slider to each weight, and says what a weight means while it is changed. Without it the points are typed.
"use strict";

(() => {
  const form = document.getElementById("weights");
  const STEPS = 1000;
  const rounded = (value, digits) => Number(value.toPrecision(digits));
  const written = new Intl.NumberFormat(document.documentElement.lang);
  const weights = [...form.querySelectorAll(".weight")].map((box) => {
    const field = box.querySelector("input");
    return { box, field, said: box.querySelector("output"), most: Number(box.dataset.most), was: Number(box.dataset.default) };
  });
  const night = weights.find((one) => one.box.dataset.weight === "waiting_day").field;
  const points = (field) => (/^\d+$/.test(field.value.trim()) ? Number(field.value) : NaN);

  const say = ({ field, said }) => {
    if (!said) return;
    const nights = points(field) / points(night);
    if (!Number.isFinite(nights)) said.textContent = "";
    else if (!nights) said.textContent = form.dataset.none;
    else {
      const [words, number] = nights >= 1 ? [form.dataset.many, nights] : [form.dataset.few, 1 / nights];
      said.textContent = words.replace("#", written.format(rounded(number, 2)));
    }
  };
  const sayAll = () => weights.forEach(say);

  weights.filter((one) => !one.field.disabled).forEach((one) => {
    const { box, field, most, was } = one;
    const end = Math.min(most, 4 * Math.max(was, points(field) || 0, most > 1000 ? 250 : most / 4));
    const slider = document.createElement("input");
    slider.type = "range";
    slider.max = STEPS;
    slider.setAttribute("aria-labelledby", `${field.id}.label`);
    const follow = () => { slider.value = STEPS * Math.sqrt(Math.min(points(field) || 0, end) / end); tell(); };
    const tell = () => slider.setAttribute("aria-valuetext", one.said && one.said.textContent ? `${field.value}: ${one.said.textContent}` : field.value);
    slider.addEventListener("input", () => {
      field.value = rounded(Math.round(end * (slider.value / STEPS) ** 2), 2);
      sayAll();
      tell();
    });
    field.addEventListener("input", () => { sayAll(); follow(); });
    field.before(slider);
    follow();
  });
})();
