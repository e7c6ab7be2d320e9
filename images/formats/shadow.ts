/** The fields of shadow(5), by their place in a line. */
const field = { name: 0, password: 1, lastChange: 2, expires: 7 } as const;
const fieldCount = 9;

/**
 * Gives an account of /etc/shadow a new password, as passwd(1) does: the hash takes the place of the old one with
 * whatever locked it, and the day of the change is today, which ends a password's expiry and a forced change. An account
 * that has expired itself would still keep everybody out, so that date goes too. All other lines stay byte for byte.
 * @param hash - as crypt(5) has it
 * @param day - days since 1970
 * @returns the new text; an account that is not there is added with no limits
 */
export function setShadowPassword(text: string, name: string, hash: string, day: number): string {
  if (passwordField(text, name) !== undefined) {
    return editAccount(text, name, (fields) => {
      while (fields.length < fieldCount) fields.push('');
      fields[field.password] = hash;
      fields[field.lastChange] = String(day);
      const expires = fields[field.expires] ?? '';
      if (expires !== '' && Number(expires) <= day) fields[field.expires] = '';
    });
  }
  const whole = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `${whole}${name}:${hash}:${day}:0:99999:7:::\n`;
}

/** The second field of an account in passwd(5) or shadow(5); undefined when there is no such account. */
export function passwordField(text: string, name: string): string | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${name}:`));
  return line?.split(':')[field.password];
}

/** Replaces that field in passwd(5). */
export function setPasswordField(text: string, name: string, value: string): string {
  return editAccount(text, name, (fields) => {
    fields[field.password] = value;
  });
}

/** The first line of an account is the one that counts. */
function editAccount(text: string, name: string, edit: (fields: string[]) => void): string {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`${name}:`));
  const fields = lines[at]?.split(':') ?? [];
  edit(fields);
  return lines.with(at, fields.join(':')).join('\n');
}
