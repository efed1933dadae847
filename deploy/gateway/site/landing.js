// Asks each service for its health and says it beside its link; without script the links remain.
"use strict";

for (const link of document.querySelectorAll("#services a")) {
  const state = document.createElement("span");
  state.textContent = " …";
  link.after(state);
  fetch(link.href)
    .then((answer) => { state.textContent = answer.ok ? " ready" : ` not ready (${answer.status})`; })
    .catch(() => { state.textContent = " does not answer"; });
}
