const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** 42949672960 is "40 GiB". */
export function humanSize(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  const value = bytes / 1024 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power] ?? ''}`;
}
