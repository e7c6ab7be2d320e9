/** A logical volume, as lvs(8) reports it. */
export interface LogicalVolume {
  readonly group: string;
  readonly name: string;
  readonly active: boolean;
}

/** The columns that {@link parseLvs} reads. */
export const lvsColumns = 'vg_name,lv_name,lv_active';

/**
 * What `lvs --reportformat json` prints (lvmreport(7)).
 * @throws {SyntaxError} when it is not such a text
 */
export function parseLvs(text: string): readonly LogicalVolume[] {
  return rowsOf(text, 'lv').map((row) => ({
    group: row['vg_name'] ?? '',
    name: row['lv_name'] ?? '',
    active: row['lv_active'] === 'active',
  }));
}

/** The columns that {@link parsePvs} reads. */
export const pvsColumns = 'pv_name,vg_uuid';

/**
 * What `pvs --reportformat json` prints: the physical volumes of each volume group, by the group's UUID, since two groups
 * can have one name.
 * @throws {SyntaxError} when it is not such a text
 */
export function parsePvs(text: string): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const row of rowsOf(text, 'pv')) {
    const group = row['vg_uuid'] ?? '';
    if (group !== '') groups.set(group, [...(groups.get(group) ?? []), row['pv_name'] ?? '']);
  }
  return groups;
}

type Row = Readonly<Record<string, string>>;

function rowsOf(text: string, kind: 'lv' | 'pv'): readonly Row[] {
  const { report } = JSON.parse(text) as { report?: Partial<Record<string, readonly Row[]>>[] };
  if (!Array.isArray(report)) throw new SyntaxError('not an LVM report');
  return report.flatMap((each) => each[kind] ?? []);
}
