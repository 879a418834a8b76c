// Draws the tables of the numbers page as lines (uPlot). Without it the tables say the same.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const style = getComputedStyle(document.documentElement), of = (name) => style.getPropertyValue(name).trim();
  const ink = of("--ink"), edge = of("--edge");
  const colours = ["--line-1", "--line-2", "--line-3", "--line-4", "--line-5"].map(of);
  const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5]];
  document.querySelectorAll("figure.chart").forEach((figure) => {
    const table = document.getElementById(figure.dataset.table);
    const rows = [...table.tBodies[0].rows].filter((row) => row.dataset.day);
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const columns = figure.dataset.lines.split(",").map(Number);
    const number = (cell) => (cell.dataset.value === undefined ? null : Number(cell.dataset.value));
    const data = [rows.map((row) => Date.parse(row.dataset.day) / 1000), ...columns.map((c) => rows.map((row) => number(row.cells[c])))];
    if (!data.slice(1).some((line) => line.some((value) => value !== null))) return;
    figure.hidden = false;
    const axis = { stroke: ink, grid: { stroke: edge, width: 1 }, ticks: { stroke: edge } };
    const wide = () => Math.max(240, figure.clientWidth);
    const plot = new uPlot({
      width: wide(), height: 220, legend: { live: false }, cursor: { show: false },
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "UTC"),
      scales: { y: { range: (_, low, high) => [0, Math.max(1, high * 1.05)] } },
      axes: [{ ...axis, values: (_, at) => at.map((s) => new Date(s * 1000).toISOString().slice(2, 10)), space: 80 }, axis],
      series: [{}, ...columns.map((c, i) => ({ label: heads[c], stroke: colours[i % 5], width: 2, dash: dashes[i % 5], points: { show: true } }))],
    }, data, figure);
    window.addEventListener("resize", () => plot.setSize({ width: wide(), height: 220 }));
  });
});
