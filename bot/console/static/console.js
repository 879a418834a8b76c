// Keys, the scroll of a transcript, and a word when the connection is gone. Everything works without it.
"use strict";
(() => {
  const log = () => document.getElementById("log");
  const toEnd = () => { const l = log(); if (l) l.scrollTop = l.scrollHeight; };
  const toLastWords = () => {
    const l = log(), last = l && [...l.querySelectorAll(".line.in")].pop();
    if (last) l.scrollTop = last.offsetTop - 8; else toEnd();
  };
  let atEnd = true, place = 0, dirty = false;

  document.addEventListener("DOMContentLoaded", () => {
    toLastWords();
    document.querySelector(".error")?.scrollIntoView({ block: "center" });
    const text = document.getElementById("text");
    text?.addEventListener("input", () => { dirty = text.value.trim() !== ""; });
    if (text?.value.trim()) dirty = true;
    document.querySelectorAll("form").forEach((form) => form.addEventListener("submit", () => { if (form.contains(text)) dirty = false; }));
  });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });

  document.addEventListener("htmx:beforeSwap", () => {
    const l = log();
    if (l) { atEnd = l.scrollHeight - l.scrollTop - l.clientHeight < 40; place = l.scrollTop; }
  });
  document.addEventListener("htmx:afterSwap", () => { const l = log(); if (atEnd) toEnd(); else if (l) l.scrollTop = place; });

  const offline = (gone) => { const box = document.getElementById("offline"); if (box) box.hidden = !gone; };
  ["htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, () => offline(true)));
  document.addEventListener("htmx:afterOnLoad", () => offline(false));

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input, textarea, select");
    if (field) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field.tagName === "TEXTAREA") field.form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const found = [...document.querySelectorAll("[data-key]")].find((e) => e.dataset.key === event.key);
    if (!found) return;
    event.preventDefault();
    if (found.matches("input, textarea, select")) found.focus(); else found.click();
  });
})();
