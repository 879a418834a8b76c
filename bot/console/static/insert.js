// Puts a placeholder where the cursor was last, and narrows the list of placeholders.
"use strict";
(() => {
  const form = document.querySelector("form[data-inserts]");
  if (!form) return;
  let last = null;
  form.addEventListener("focusin", (event) => { if (event.target.matches(".languages textarea, .languages input[lang]")) last = event.target; });
  form.addEventListener("click", (event) => {
    const mark = event.target.dataset?.insert;
    if (!mark) return;
    const field = last || form.querySelector(".languages textarea");
    field.setRangeText(mark, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.getElementById("pick")?.addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    form.querySelectorAll(".picker li").forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(wanted); });
  });
})();
