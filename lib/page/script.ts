/**
 * The script of a page, which works without it: it keeps the choice of light or dark, filters and sorts tables, and
 * opens what is folded for the printer. Nothing from outside ever becomes a part of it.
 */
export const SCRIPT = `(() => {
const root = document.documentElement;
const all = (what, where = document) => [...where.querySelectorAll(what)];
const KEY = 'bursar-colours';
const kept = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
const show = (theme) => { if (theme === 'light' || theme === 'dark') root.dataset.theme = theme; else delete root.dataset.theme; };
show(kept());
const textOf = (row) => row.textContent.toLowerCase();
function filters(area) {
  const text = area.querySelector('[data-filter-text]');
  const choice = area.querySelector('[data-filter-choice]');
  const count = area.querySelector('[data-filter-count]');
  const groups = all('[data-group]', area);
  const rows = all('[data-row]', area).map((row) => ({ row, said: (row.closest('[data-group]')?.dataset.group ?? '').toLowerCase() + ' ' + textOf(row), is: (row.dataset.row ?? '').split(' ') }));
  const apply = () => {
    const words = text.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const wanted = choice?.value ?? '';
    let shown = 0;
    for (const { row, said, is } of rows) {
      row.hidden = !(words.every((word) => said.includes(word)) && (wanted === '' || is.includes(wanted)));
      if (!row.hidden) shown++;
    }
    const narrowed = words.length > 0 || wanted !== '';
    for (const group of groups) {
      const some = all('[data-row]:not([hidden])', group).length > 0;
      group.hidden = narrowed && !some;
      if (narrowed && some && group.tagName === 'DETAILS') group.open = true;
    }
    count.textContent = shown === rows.length ? rows.length + ' shown' : shown + ' of ' + rows.length + ' shown';
  };
  text.addEventListener('input', apply);
  choice?.addEventListener('change', apply);
  apply();
}
function sorts(table) {
  const heads = all('thead th', table);
  heads.forEach((head, column) => {
    if (!head.dataset.sort) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') === 'ascending';
      for (const one of heads) one.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const body = table.tBodies[0];
      const key = (row) => { const cell = row.cells[column]; return cell.dataset.key ?? cell.textContent; };
      const compare = head.dataset.sort === 'number' ? (a, b) => Number(a) - Number(b) : (a, b) => a.localeCompare(b, 'en', { numeric: true });
      const rows = [...body.rows].map((row) => [key(row), row]).sort(([a], [b]) => compare(a, b) * (down ? -1 : 1));
      body.append(...rows.map(([, row]) => row));
    });
  });
}
addEventListener('DOMContentLoaded', () => {
  for (const one of all('[data-scripted]')) one.hidden = false;
  for (const input of all('[name=colours]')) {
    input.checked = input.value === (root.dataset.theme ?? 'auto');
    input.addEventListener('change', () => { show(input.value); try { localStorage.setItem(KEY, input.value); } catch {} });
  }
  all('[data-filters]').forEach(filters);
  all('table').forEach(sorts);
  let opened = [];
  addEventListener('beforeprint', () => { opened = all('details:not([open])'); for (const one of opened) one.open = true; });
  addEventListener('afterprint', () => { for (const one of opened) one.open = false; });
});
})();`;
