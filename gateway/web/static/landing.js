// Copies what stands beside a button; without it the page shows the same texts to be copied by hand.
"use strict";

for (const button of document.querySelectorAll("button.copy")) {
  const shown = document.getElementById(button.dataset.of);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(shown.textContent);
    } catch {
      // No secure context, or a browser that does not let us: the old way.
      getSelection().selectAllChildren(shown);
      if (!document.execCommand("copy")) return;
    }
    button.textContent = button.dataset.done;
  });
}
