import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useRef, type ReactNode } from 'react';
import { useKeys } from '@/lib/keys';

export interface Column<Row> {
  key: string;
  header: string;
  cell: (row: Row) => ReactNode;
  num?: boolean;
  /** A line of its own when rows are cards. */
  wide?: boolean;
  /** Says what the cell is when rows are cards. */
  label?: string;
  /** Values of the sort parameter, the first is chosen first. */
  sorts?: readonly [string, string] | readonly [string];
}

interface Props<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  sort?: string;
  onSort?: (sort: string) => void;
  onOpen?: (row: Row) => void;
  selected?: string | undefined;
  /** A line under the rows, such as the sum that belongs to no row. */
  footer?: ReactNode;
}

const virtualFrom = 200;

/** Rows of facts: sorted by the server, moved through with arrows or J and K, cards on a phone. */
export function DataTable<Row>(props: Props<Row>) {
  const { columns, rows, rowKey, sort, onSort, onOpen } = props;
  const table = useRef<HTMLTableElement>(null);
  const step = (by: 1 | -1) => (): boolean => {
    const all = [...(table.current?.querySelectorAll<HTMLElement>('tbody tr[tabindex]') ?? [])];
    if (all.length === 0) return false;
    const at = all.indexOf(document.activeElement as HTMLElement);
    if (at < 0 && document.activeElement !== document.body && document.activeElement?.tagName !== 'H1') return false;
    const next = all[Math.min(Math.max(0, at + by), all.length - 1)]!;
    next.focus();
    return true;
  };
  useKeys({ ArrowDown: step(1), j: step(1), ArrowUp: step(-1), k: step(-1) });
  const open = (row: Row) => (event: React.MouseEvent | React.KeyboardEvent): void => {
    if ((event.target as Element).closest('a,button,input') !== null) return;
    onOpen?.(row);
  };
  const line = (row: Row) => (
    <tr
      key={rowKey(row)} data-selected={props.selected === rowKey(row)}
      {...(onOpen ? { 'data-href': true, tabIndex: 0, onClick: open(row), onKeyDown: (event: React.KeyboardEvent) => { if (event.key === 'Enter') open(row)(event); } } : {})}
    >
      {columns.map((column) => (
        <td key={column.key} className={`${column.num ? 'num' : ''}${column.wide ? ' wide' : ''}`} data-label={column.label}>{column.cell(row)}</td>
      ))}
    </tr>
  );
  return (
    <div className="hs-table-wrap" tabIndex={-1}>
      <table ref={table} className="hs-table hs-table-cards">
        <caption>{props.caption}</caption>
        <thead>
          <tr>{columns.map((column) => <Head key={column.key} column={column} sort={sort} onSort={onSort} />)}</tr>
        </thead>
        {rows.length > virtualFrom ? <VirtualBody rows={rows} width={columns.length} line={line} table={table} /> : <tbody>{rows.map(line)}</tbody>}
        {props.footer !== undefined && <tbody className="hs-table-foot">{props.footer}</tbody>}
      </table>
    </div>
  );
}

function Head<Row>({ column, sort, onSort }: { column: Column<Row>; sort: string | undefined; onSort: ((sort: string) => void) | undefined }) {
  const place = column.sorts?.findIndex((each) => each === sort) ?? -1;
  const falling = place >= 0 && column.sorts![place]!.startsWith('-');
  if (column.sorts === undefined || onSort === undefined) return <th scope="col" className={column.num ? 'num' : undefined}>{column.header}</th>;
  const next = column.sorts[place < 0 ? 0 : (place + 1) % column.sorts.length]!;
  return (
    <th scope="col" className={column.num ? 'num' : undefined} aria-sort={place < 0 ? 'none' : falling ? 'descending' : 'ascending'}>
      <button type="button" className="hs-sort" onClick={() => onSort(next)}>
        {column.header}
        {place >= 0 && (falling ? <ArrowDown size={12} aria-hidden="true" /> : <ArrowUp size={12} aria-hidden="true" />)}
      </button>
    </th>
  );
}

/** Only the rows near the window, with the room of the others above and below. */
function VirtualBody<Row>({ rows, width, line, table }: { rows: readonly Row[]; width: number; line: (row: Row) => ReactNode; table: React.RefObject<HTMLTableElement | null> }) {
  const virtual = useWindowVirtualizer({ count: rows.length, estimateSize: () => 41, overscan: 20, scrollMargin: table.current?.offsetTop ?? 0 });
  const items = virtual.getVirtualItems();
  const before = (items[0]?.start ?? 0) - virtual.options.scrollMargin;
  const after = virtual.getTotalSize() - ((items.at(-1)?.end ?? 0) - virtual.options.scrollMargin);
  return (
    <>
      <tbody>
        {before > 0 && <tr aria-hidden="true"><td colSpan={width} style={{ height: before, padding: 0 }} /></tr>}
        {items.map((item) => line(rows[item.index]!))}
        {after > 0 && <tr aria-hidden="true"><td colSpan={width} style={{ height: after, padding: 0 }} /></tr>}
      </tbody>
    </>
  );
}
