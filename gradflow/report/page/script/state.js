// What the page shows at the moment.

const ROWS_A_PAGE = 50;

const state = { diagram: null, rows: [], order: [], page: 0, sort: "n", way: 1, current: -1, open: -1 };

/** The table's rows of a diagram, as objects. */
const rowsOf = (diagram) => {
  const columns = Object.entries(diagram.table);
  return diagram.table.n.map((_, index) => {
    const row = { id: index };
    for (const [name, values] of columns) row[name] = values[index];
    return row;
  });
};
