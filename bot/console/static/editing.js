// The draft survives: saved while somebody types, and kept on this device while there is no connection.
"use strict";
(() => {
  const form = document.getElementById("edit");
  if (!form) return;
  const place = "draft:" + location.pathname, box = document.getElementById("kept"), saved = document.getElementById("saved");
  const revision = form.elements.revision;
  let timer = 0, busy = false, again = false, stopped = false;

  const values = () => Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "token" && name !== "revision"));
  const words = (v) => JSON.stringify(Object.entries(v).filter(([n]) => !["note", "publish_from", "publish_until"].includes(n)).map(([n, x]) => [n, x.trim().replaceAll("\r\n", "\n")]));
  const same = (a, b) => words(a) === words(b);
  const keep = () => { try { localStorage.setItem(place, JSON.stringify({ revision: revision.value, values: values() })); } catch { /* full */ } };
  const forget = () => { try { localStorage.removeItem(place); } catch { /* forbidden */ } };
  const put = (kept) => {
    for (const field of form.elements) {
      if (!field.name || field.name === "token" || field.name === "revision" || field.tagName === "BUTTON") continue;
      if (field.type === "checkbox") field.checked = field.name in kept; else if (field.name in kept) field.value = kept[field.name];
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));
  };

  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(place)); } catch { kept = null; }
  if (kept?.values && same(kept.values, values())) forget();
  else if (kept?.values) {
    box.querySelector("span").textContent = form.dataset.back;
    box.querySelector("button").addEventListener("click", () => { box.hidden = true; put(kept.values); });
    box.hidden = false;
  }

  const send = async () => {
    if (stopped) return;
    if (busy) { again = true; return; }
    busy = true;
    const sent = values();
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "error" });
      const said = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
      if (answer.ok) {
        revision.value = said.revision;
        saved.textContent = form.dataset.saved;
        if (same(sent, values())) forget();
      } else if (answer.status === 409) {
        stopped = true; // nothing is overwritten: the button shows what the other wrote
        saved.textContent = said.conflict;
      } else saved.textContent = said.error || form.dataset.kept;
    } catch {
      saved.textContent = form.dataset.kept;
      timer = setTimeout(send, 5000);
    }
    busy = false;
    if (again) { again = false; send(); }
  };
  form.addEventListener("input", (event) => {
    if (event.target.id === "pick") return;
    keep();
    clearTimeout(timer);
    timer = setTimeout(send, 2500);
  });
  form.addEventListener("submit", () => { stopped = true; clearTimeout(timer); keep(); });
  window.addEventListener("online", send);
})();
