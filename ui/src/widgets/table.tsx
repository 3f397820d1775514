import type { ComponentChildren } from "preact";

export interface Column<Row> {
  /** Empty: the column needs no name (buttons). */
  head: string;
  cell: (row: Row) => ComponentChildren;
  num?: boolean;
  class?: string | ((row: Row) => string | undefined);
  /** On a phone, where a row is a card, the cell stands without its head. */
  bare?: boolean;
}

function cellClass<Row>(column: Column<Row>, row: Row): string | undefined {
  const own = typeof column.class === "function" ? column.class(row) : column.class;
  return [column.num && "num", own].filter(Boolean).join(" ") || undefined;
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  const label = column.bare || column.head === "" ? undefined : column.head;
  return (
    <td class={cellClass(column, row)} data-label={label}>
      {column.cell(row)}
    </td>
  );
}

/**
 * Things of one kind, a row each; on a phone a card each. The first column names the row, unless
 * nothing does (`nameless`: the lines of a log).
 */
export function Table<Row>(props: {
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row, index: number) => string | number;
  class?: string;
  rowClass?: (row: Row) => string | undefined;
  nameless?: boolean;
}) {
  const { columns, rows, keyOf } = props;
  return (
    <div class="table-box">
      <table class={`cards ${props.class ?? ""}`}>
        <thead>
          <tr>
            {columns.map(({ head, num }) =>
              head === "" ? (
                <td key={head} />
              ) : (
                <th key={head} scope="col" class={num ? "num" : undefined}>
                  {head}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keyOf(row, index)} class={props.rowClass?.(row)}>
              {columns.map((column, i) =>
                i === 0 && !props.nameless ? (
                  <th key={column.head} scope="row">
                    {column.cell(row)}
                  </th>
                ) : (
                  <Cell key={column.head} column={column} row={row} />
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
