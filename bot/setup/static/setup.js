// Looks again while the page waits for GitHub. Without it "Look again now" does the same.
const EVERY = 3000;
const live = document.getElementById("live");

async function look() {
  if (!document.hidden && !live.contains(document.activeElement)) {
    try {
      const answer = await fetch("/", { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.getElementById("live");
      if (!now) return location.assign("/"); // finished, or the code is needed again
      if (now.innerHTML !== live.innerHTML) live.replaceChildren(...now.childNodes);
    } catch {
      // the bot is away for a moment: the next look tells
    }
  }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
