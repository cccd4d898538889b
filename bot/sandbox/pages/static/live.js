"use strict";
// Keeps a page fresh: every element marked data-live is replaced when the server has a newer one.
// What one types is never touched: text boxes are kept outside, or their part waits.

const EVERY = 1500; // milliseconds
const served = new Map();
document.querySelectorAll("[data-live]").forEach((part) => served.set(part.id, part.outerHTML));

const inUse = (part) =>
  [...part.querySelectorAll("input, textarea, select")].some(
    (field) => field === document.activeElement ||
      (field.type !== "hidden" && field.value !== (field.defaultValue ?? field.value)),
  );

function replace(old, fresh) {
  const open = [...old.querySelectorAll("details")].map((one) => one.open);
  const known = new Set([...old.querySelectorAll("[id]")].map((one) => one.id));
  const now = document.importNode(fresh, true);
  now.querySelectorAll("details").forEach((one, at) => { if (at < open.length) one.open = open[at]; });
  now.querySelectorAll("article[id], p[id]").forEach((one) => {
    if (!known.has(one.id)) one.classList.add("fresh");
  });
  old.replaceWith(now);
}

async function refresh() {
  const stopped = document.getElementById("stopped");
  let answer;
  try {
    answer = await fetch(location.href.split("#")[0], { headers: { "X-Live": "1" } });
  } catch {
    stopped.hidden = false;
    return;
  }
  stopped.hidden = true;
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.querySelectorAll("[data-live]").forEach((old) => {
    const fresh = page.getElementById(old.id);
    if (!fresh || fresh.outerHTML === served.get(old.id) || inUse(old)) return;
    served.set(old.id, fresh.outerHTML);
    replace(old, fresh);
  });
}

async function keepFresh() {
  if (!document.hidden) await refresh();
  setTimeout(keepFresh, EVERY);
}

const box = document.querySelector("textarea[data-draft]");
if (box) {
  // A draft outlives becoming somebody else, which loads the page anew.
  const place = "draft " + location.pathname;
  box.value ||= sessionStorage.getItem(place) ?? "";
  box.addEventListener("input", () => sessionStorage.setItem(place, box.value));
  box.form.addEventListener("submit", () => sessionStorage.removeItem(place));
  document.addEventListener("click", (click) => {
    const hint = click.target.closest("[data-fill]");
    if (!hint) return;
    click.preventDefault();
    box.value = hint.dataset.fill;
    box.dispatchEvent(new Event("input"));
    box.focus();
  });
}

const who = document.querySelector("details.who");
document.addEventListener("click", (click) => {
  if (who && !who.contains(click.target)) who.open = false;
});
const expires = document.getElementById("expires");
if (expires) {
  const day = document.querySelector("input[name=on]");
  const show = () => { day.hidden = expires.value !== "custom"; };
  expires.addEventListener("change", show);
  show();
}
if (document.querySelector("main [data-live]")) setTimeout(keepFresh, EVERY);
