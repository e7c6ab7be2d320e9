/**
 * The house: its rooms from the ground up. A room imports only from rooms before it in this list, and no two modules
 * import each other, not even through others and not even types. `npm run lint` holds both.
 */
export const rooms = [
  'images/base',
  'images/formats',
  'images/image',
  'images/write',
  'images/sources',
  'images/guest',
  'images/live',
  'images/sandbox',
  'images/install',
  'images/rescue',
  'checks',
  'fixers',
  'pipeline/report',
  'pipeline/rehearse',
  'pipeline',
  'pipeline/cli',
  'docs',
  'test',
];

/** The files of a room, without those of a room inside it. */
function filesOf(room) {
  const inside = rooms.filter((other) => other.startsWith(`${room}/`));
  return {
    path: `^${room}/`,
    ...(inside.length > 0 ? { pathNot: inside.map((other) => `^${other}/`) } : {}),
  };
}

const order = rooms.slice(0, -1).flatMap((room, at) =>
  rooms.slice(at + 1).map((later) => ({
    name: `${room} may not import from ${later}`,
    comment: 'A room imports only from rooms before it; rooms.config.js has the order.',
    severity: 'error',
    from: filesOf(room),
    to: filesOf(later),
  })),
);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...order,
    {
      name: 'no-cycle',
      comment: 'Modules that import each other cannot be understood, tested or loaded one without the other.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'in-a-room',
      comment: 'Every module stands in a room of rooms.config.js.',
      severity: 'error',
      from: {},
      to: { path: '^(images|checks|fixers|pipeline)/', pathNot: rooms.map((room) => `^${room}/`) },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
