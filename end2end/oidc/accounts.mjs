// The people of the tests, named and grouped as those of the demo, so that one configuration fits both.

const account = (name, ...groups) => ({
  sub: `subject of ${name}`,
  name,
  preferred_username: name,
  groups,
  realm_access: { roles: groups },
  employee_number: `employee ${name}`,
});

export const accounts = [
  account('operator-a', 'muster-operators', 'everybody'),
  account('operator-b', 'muster-operators'),
  account('auditor', 'muster-auditors'),
  account('viewer', 'muster-viewers'),
  account('nobody'),
];
