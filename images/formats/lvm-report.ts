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
 * @throws {SyntaxError} when it is no such text
 */
export function parseLvs(text: string): readonly LogicalVolume[] {
  const { report } = JSON.parse(text) as { report?: { lv?: Record<string, string>[] }[] };
  if (!Array.isArray(report)) throw new SyntaxError('no report of lvs');
  return report.flatMap(({ lv }) =>
    (lv ?? []).map((row) => ({
      group: row['vg_name'] ?? '',
      name: row['lv_name'] ?? '',
      active: row['lv_active'] === 'active' || row['lv_active'] === 'active locally',
    })),
  );
}
