// Keys for marking, a box that ticks all, and the browser's time zone for date forms. Every page works without this.
"use strict";

const TYPING = "input:not([type=radio]):not([type=checkbox]), textarea, select";

function rememberZone() {
  if (document.cookie.split("; ").some((each) => each.startsWith("zone="))) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || !/^[A-Za-z0-9_+/-]+$/.test(zone)) return;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `zone=${zone}; path=/desk; max-age=31536000; samesite=lax${secure}`;
}

function questions() {
  return [...document.querySelectorAll("[data-question]")];
}

function currentQuestion() {
  const focused = document.activeElement?.closest("[data-question]");
  return focused || questions().find((each) => !each.querySelector(":checked")) || questions()[0];
}

function showCurrent() {
  const current = currentQuestion();
  for (const each of questions()) each.toggleAttribute("data-current", each === current);
}

function pickLevel(key) {
  const question = currentQuestion();
  const level = question?.querySelector(`input[type=radio][data-key="${key}"]`);
  if (!level) return false;
  level.checked = true;
  level.dispatchEvent(new Event("input", { bubbles: true }));
  const all = questions();
  const next = all[all.indexOf(question) + 1];
  (next?.querySelector("input[type=radio]") || level).focus();
  showCurrent();
  return true;
}

function onKey(event) {
  const form = document.getElementById("marks");
  if (!form || event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-key=save]"));
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPING)) return;
  if (/^[1-9]$/.test(event.key) && pickLevel(event.key)) event.preventDefault();
  if (event.key === "n" || event.key === "p") document.querySelector(`a[data-key=${event.key}]`)?.click();
}

function startTicks() {
  const all = document.querySelector("input[data-all]");
  if (!all) return;
  const boxes = [...document.querySelectorAll(`input[type=checkbox][name=${all.dataset.all}]:not(:disabled)`)];
  const told = document.getElementById("chosen");
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    if (told) told.textContent = ticked ? `${ticked} chosen` : "";
  };
  all.hidden = false;
  all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; count(); });
  for (const box of boxes) box.addEventListener("change", count);
  count();
}

function guardUnsaved() {
  const form = document.querySelector("form[data-guard]");
  if (!form) return;
  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
}

document.addEventListener("DOMContentLoaded", () => {
  guardUnsaved();
  rememberZone();
  startTicks();
  const keys = document.querySelector(".keys");
  if (keys) keys.hidden = false;
  document.addEventListener("focusin", showCurrent);
  showCurrent();
});
document.addEventListener("keydown", onKey);
