// Asks the browser for a passkey and puts its answer into the form that asked.
(() => {
  "use strict";
  const root = document.documentElement;
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  root.classList.add("has-passkeys");

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  const asked = (told) => {
    const options = { ...told, challenge: bytes(told.challenge) };
    if (told.allowCredentials) options.allowCredentials = known(told.allowCredentials);
    if (told.excludeCredentials) options.excludeCredentials = known(told.excludeCredentials);
    if (told.user) options.user = { ...told.user, id: bytes(told.user.id) };
    return options;
  };

  const answer = (made) => {
    const told = made.response;
    const response = { clientDataJSON: text(told.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (told[name]) response[name] = text(told[name]);
    }
    if (told.getTransports) response.transports = told.getTransports();
    return JSON.stringify({
      id: made.id, rawId: text(made.rawId), type: made.type, response,
      clientExtensionResults: {}, authenticatorAttachment: made.authenticatorAttachment || undefined,
    });
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", async (event) => {
      if (form.elements.answer.value) return;
      event.preventDefault();
      const says = form.querySelector(".passkey-says");
      const button = form.querySelector("button");
      says.textContent = "";
      button.disabled = true;
      try {
        const publicKey = asked(JSON.parse(form.dataset.options));
        const made = form.dataset.passkey === "create"
          ? await navigator.credentials.create({ publicKey })
          : await navigator.credentials.get({ publicKey });
        form.elements.answer.value = answer(made);
        form.submit();
      } catch (_fault) {
        says.textContent = form.dataset.failed;
        button.disabled = false;
        button.focus();
      }
    });
  }
})();
