import type { ProtocolEvent } from '../protocols/events.ts';
import { type HabitName, matches, type Shown } from './habits.ts';
import type { Profile, Sign } from './profile.ts';
import { shownBy } from './shown.ts';

/** A program that a client was heard to run, and the first frame that shows it; no profile: nobody knows it. */
export interface HeardProgram {
  readonly profile: Profile | undefined;
  readonly frame: number;
}

/** What one message shows of the program that wrote it; no profile: nobody knows it. */
export interface Heard {
  readonly profile: Profile | undefined;
  readonly shown: Shown;
}

/** Changes of the program that are remembered of a client that boots over and over. */
const MAX_PROGRAMS = 16;

/**
 * Which program speaks for a client: its firmware, then what that loads. A message with a program's sign is that
 * program's. Without a sign an address is asked for by a program that nobody knows; a file is read by whoever asked for
 * the address, if it is the first one, and by a program that nobody knows, if it is another.
 */
export class Speaker {
  readonly #profiles: readonly Profile[];
  readonly #programs: HeardProgram[] = [];
  #current: Profile | undefined;
  #spoke = false;
  /** The first file since an address was asked for: the firmware's boot file. */
  #firstFile: string | undefined;

  constructor(profiles: readonly Profile[]) {
    this.#profiles = profiles;
  }

  /** The program that spoke last; undefined when nobody knows it. */
  get current(): Profile | undefined {
    return this.#current;
  }

  /** The programs, in the order in which they spoke. */
  get programs(): readonly HeardProgram[] {
    return this.#programs;
  }

  /** Hears a message; returns what it shows of the program that speaks. */
  hear(event: ProtocolEvent): Heard | undefined {
    const shown = shownBy(event);
    if (!shown) return undefined;
    const speaks = this.#speakerOf(event, shown);
    if (speaks === 'nobody-new') return undefined;
    this.#note(speaks, event.frame);
    return { profile: speaks, shown };
  }

  #speakerOf(event: ProtocolEvent, shown: Shown): Profile | undefined | 'nobody-new' {
    switch (event.type) {
      case 'dhcp.discover':
      case 'dhcp.request':
      case 'proxydhcp.request':
        this.#firstFile = undefined;
        return this.#bySign(shown);
      case 'dhcpv6.solicit':
      case 'dhcpv6.request':
        // A network stack asks for an address of its own, without a vendor class, while its PXE driver asks for another.
        if (shown['dhcpv6.vendor-class'] === 'none') return 'nobody-new';
        this.#firstFile = undefined;
        return this.#bySign(shown);
      case 'tftp.read-request':
        return this.#reads(event.filename, 'tftp.options', shown);
      case 'http.request':
        return this.#reads(event.path, 'http.user-agent', shown);
      default:
        return this.#current ?? 'nobody-new';
    }
  }

  #reads(file: string, habit: HabitName, shown: Shown): Profile | undefined | 'nobody-new' {
    const isFirst = file === (this.#firstFile ??= file);
    const bySign = this.#bySign(shown);
    if (bySign) return bySign;
    const current = this.#current;
    // Of a system that was booted nobody knows what it reads files with.
    if (this.#spoke && (isFirst || current?.habits[habit] === undefined)) return current;
    return undefined;
  }

  /** The profile that has a sign in this message. A file's name says least: other programs may read that file. */
  #bySign(shown: Shown): Profile | undefined {
    const has = (isByName: boolean): Profile | undefined =>
      this.#profiles.find(({ signs }) => signs.some((sign) => 'tftp.file' in sign === isByName && isSign(sign, shown)));
    return has(false) ?? has(true);
  }

  #note(profile: Profile | undefined, frame: number): void {
    if (this.#spoke && profile === this.#current) return;
    this.#spoke = true;
    this.#current = profile;
    if (this.#programs.length < MAX_PROGRAMS) this.#programs.push({ profile, frame });
  }
}

function isSign(sign: Sign, shown: Shown): boolean {
  return Object.entries(sign).every(([habit, pattern]) => {
    const text = shown[habit as HabitName];
    return text !== undefined && matches(text, pattern);
  });
}
