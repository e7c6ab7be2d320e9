const units = 'BKMGTPE';

/**
 * Bytes as systemd has them (parse_size() of basic/parse-util.c, base 1024): "512", "4M", "1.5G", "1G 500M". Infinity for
 * "infinity", undefined for what is no size.
 */
export function parseSize(text: string): number | undefined {
  const size = text.trim();
  if (size === 'infinity') return Infinity;
  const parts = [...size.matchAll(/\s*(\d+(?:\.\d+)?)\s*([BKMGTPE]?)/gy)];
  if (parts.length === 0 || parts.map(([part]) => part).join('').length !== size.length) return undefined;
  return parts.reduce(
    (sum, [, count = '', unit = '']) => sum + Number(count) * 1024 ** Math.max(0, units.indexOf(unit || 'B')),
    0,
  );
}
