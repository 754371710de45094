import { openDeviceStore } from '../device-store.ts';

// A writer for tests: `node count-up.ts FOLDER MAC [TIMES]` counts the polls of one device up, one update a count, and
// prints each number once it is stored. Without TIMES it goes on until it is killed.
const [folder = '', mac = '', times = 'Infinity'] = process.argv.slice(2);
const store = openDeviceStore(folder);
for (let done = 0; done < Number(times); done += 1) {
  const at = new Date().toISOString();
  const devices = await store.update((all) => {
    const known = all.find((device) => device.mac === mac) ?? {
      key: mac,
      mac,
      status: 'pending' as const,
      firstSeenAt: at,
      lastSeenAt: at,
      polls: 0,
    };
    return [...all.filter((device) => device !== known), { ...known, polls: (known.polls ?? 0) + 1 }];
  });
  process.stdout.write(`${String(devices.find((device) => device.mac === mac)?.polls)}\n`);
}
