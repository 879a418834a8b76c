// Live parts, drafts, sound, keys, and a word when the connection is gone. Everything but those works without it.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const log = () => $("log");
  const toEnd = () => { const l = log(); if (l) l.scrollTop = l.scrollHeight; };
  const toLastWords = () => {
    const l = log(), last = l && [...l.querySelectorAll(".line.in")].pop();
    if (last) l.scrollTop = last.offsetTop - 8; else toEnd();
  };
  let atEnd = true, place = 0, leaving = false;

  // ---- drafts: kept in this browser until they were sent; signing out wipes them, and another person's are not kept
  const drafts = () => all("textarea[data-draft]");
  const keyOf = (field) => "draft:" + field.dataset.draft;
  const safely = (work) => { try { return work(); } catch { return null; } };
  const keep = (field) => safely(() => field.value.trim() ? localStorage.setItem(keyOf(field), field.value) : localStorage.removeItem(keyOf(field)));
  const restore = () => {
    const kept = new URLSearchParams(location.search).get("kept"), member = document.body.dataset.member;
    if (member) safely(() => Object.keys(localStorage).filter((k) => k.startsWith("draft:") && !k.startsWith(`draft:${member}/`)).forEach((k) => localStorage.removeItem(k)));
    if (document.querySelector("[data-gone]")) wipe();
    drafts().forEach((field) => {
      if (kept && field.dataset.draft.endsWith("/" + kept)) safely(() => localStorage.removeItem(keyOf(field)));
      const draft = safely(() => localStorage.getItem(keyOf(field)));
      if (draft && !field.value.trim()) { field.value = draft; const box = field.closest("details"); if (box) box.open = true; }
      field.addEventListener("input", () => keep(field));
    });
    if (kept) history.replaceState(null, "", location.pathname);
  };
  const wipe = () => {  // the case is gone, erased or too old: words about it must not wait in this browser
    const number = /^\/cases\/(\d+)/.exec(location.pathname)?.[1], begin = `draft:${document.body.dataset.member}/${number}/`;
    if (number) safely(() => Object.keys(localStorage).filter((k) => k.startsWith(begin)).forEach((k) => localStorage.removeItem(k)));
  };
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status !== 404 || event.detail.target?.id !== "talk") return;
    wipe();
    leaving = true;
    location.reload();  // an open page shows the transcript no longer
  });
  const dirty = () => drafts().some((field) => field.value.trim() !== "");
  window.addEventListener("beforeunload", (event) => { if (!leaving && dirty()) event.preventDefault(); });
  window.addEventListener("pageshow", () => { leaving = false; all("form").forEach((form) => { delete form.dataset.sent; }); });

  // ---- forms: once, and not into the void
  const offline = (gone) => { const box = $("offline"); if (box) box.hidden = !gone; };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (!navigator.onLine) { event.preventDefault(); offline(true); return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    leaving = true;
  });
  window.addEventListener("offline", () => offline(true));
  window.addEventListener("online", () => { offline(false); refresh(); });
  ["htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, () => offline(true)));
  document.addEventListener("htmx:afterOnLoad", () => offline(false));

  // ---- live: the server says that something changed; without that, ask every three seconds
  let source = null, open = false, ended = false;
  const part = () => document.querySelector("[data-live]");
  const refresh = () => { const p = part(); if (p && window.htmx) htmx.trigger(p, "refresh"); };
  const listen = () => {
    const p = part();
    if (!p || !window.EventSource || source || ended) return;
    source = new EventSource(p.dataset.live);
    source.addEventListener("hello", () => { open = true; refresh(); });
    source.addEventListener("changed", refresh);
    source.addEventListener("ended", () => { ended = true; hush(); refresh(); });
    source.addEventListener("error", () => { open = false; });
  };
  const hush = () => { if (source) source.close(); source = null; open = false; };
  setInterval(() => { if (!open) refresh(); }, 3000);
  setInterval(() => { if (open && $("queue")) refresh(); }, 20000); // the clocks go on though nothing happens
  document.addEventListener("visibilitychange", () => { if (document.hidden && !$("queue")) hush(); else listen(); });
  window.addEventListener("pagehide", hush);

  document.addEventListener("htmx:beforeSwap", () => {
    const l = log();
    if (l) { atEnd = l.scrollHeight - l.scrollTop - l.clientHeight < 40; place = l.scrollTop; }
  });
  document.addEventListener("htmx:afterSwap", () => {
    const l = log();
    if (atEnd) toEnd(); else if (l) l.scrollTop = place;
    ring();
  });

  // ---- sound: only after somebody has switched it on; remembered in a cookie, since signing out wipes the storage
  const wanted = () => document.cookie.split("; ").includes("console-sound=1");
  const calls = () => new Set(($("queue")?.dataset.calls || "").split(" ").filter(Boolean));
  let heard = new Set(), bell = null;
  const show = () => {
    const button = $("sound");
    if (!button) return;
    button.hidden = false;
    button.setAttribute("aria-pressed", String(wanted()));
    button.textContent = (wanted() ? "🔔 " : "🔕 ") + (wanted() ? button.dataset.on : button.dataset.off);
  };
  const ring = () => {
    const now = calls(), fresh = [...now].some((call) => !heard.has(call));
    heard = now;
    if (fresh && bell && wanted()) bell.play().then(() => { document.body.dataset.rang = String(Number(document.body.dataset.rang || 0) + 1); }, () => {});
  };

  document.addEventListener("DOMContentLoaded", () => {
    restore();
    toLastWords();
    document.querySelector(".error")?.scrollIntoView({ block: "center" });
    const button = $("sound");
    if (button) {
      bell = new Audio(button.dataset.src);
      heard = calls();
      button.addEventListener("click", () => {
        document.cookie = `console-sound=${wanted() ? 0 : 1}; path=/; max-age=31536000; samesite=strict`;
        if (wanted()) bell.play().catch(() => {});
        show();
      });
      show();
    }
    listen();
  });

  // ---- ready replies and dialogs
  document.addEventListener("click", (event) => {
    const insert = event.target.closest("[data-insert]"), dialog = event.target.closest("[data-dialog]");
    if (dialog) $(dialog.dataset.dialog)?.showModal();
    if (!insert || insert.closest("form[data-inserts]")) return;  // a placeholder: insert.js
    const field = $("text"), words = $(insert.dataset.insert).textContent;
    field.value = field.value.trim() ? `${field.value.trimEnd()}\n\n${words}` : words;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });

  // ---- keys
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input, textarea, select");
    if (field) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field.tagName === "TEXTAREA") field.form.requestSubmit();
      if (event.key === "Escape" && field.tagName === "TEXTAREA") field.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || document.querySelector("dialog[open]")) return;
    if (event.key === "?" && $("keys")) { event.preventDefault(); $("keys").showModal(); return; }
    const found = all("[data-key]").find((e) => e.dataset.key === event.key);
    if (!found) return;
    event.preventDefault();
    if (found.matches("input, textarea, select")) { found.focus(); return; }
    found.click();
    if (found.dataset.focus && found.closest("details")?.open) $(found.dataset.focus).focus();
    else if (found.matches("summary")) found.focus();
  });
})();
