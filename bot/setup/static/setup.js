// Looks again while the page waits for GitHub. Without it "Look again now" does the same.
const EVERY = 3000;
const live = document.getElementById("live");

async function look() {
  try {
    const answer = await fetch("/");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById("live");
    if (!now) return location.assign("/"); // finished, or the code is needed again
    show(now);
  } catch {
    // the bot is away for a moment: the next look tells
  }
  setTimeout(look, EVERY);
}

function show(now) {
  const same = now.innerHTML === (live.shown ?? live.innerHTML);
  if (same || live.querySelector("details[open]")) return; // somebody reads what is unfolded
  live.shown = now.innerHTML;
  const words = live.contains(document.activeElement) && document.activeElement.textContent;
  live.replaceChildren(...now.childNodes);
  const those = [...live.querySelectorAll("a, button, summary")];
  if (words) those.find((one) => one.textContent === words)?.focus();
}

setTimeout(look, EVERY);
