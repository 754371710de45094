import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RPC_SYNTAXES } from '../wire/codec.ts';
import { encodeEptMapRequest, encodeEptMapResponse } from '../wire/endpoint-mapper.ts';
import { protectRpcPdu } from '../wire/protection.ts';
import type { Credential } from '../../base/observe/credential.ts';
import type { ProtocolEvent } from '../../events.ts';
import type { RpcAnomaly } from './anomaly.ts';
import { observe, SERVER } from '../../../observe/testing/scene.ts';
import { ntlmExchange } from '../../../observe/testing/reference-trace/ntlm-exchange.ts';
import { RpcScene, wdsAnswer, wdsAsk } from '../testing/scene.ts';

const LOG_INIT = 3;
const IMG_ENUMERATE = 2;
const VERSION = [{ name: 'VERSION', type: 4, values: [1] }];
const KNOWN: readonly Credential[] = [{ user: 'Administrateur', password: 'Passw0rd.lab' }];

const bound = (): RpcScene => new RpcScene().connect().bind().bindAck();
const told = (scene: RpcScene, credentials: readonly Credential[] = []): ProtocolEvent[] =>
  scene.events({ credentials });
/** Events after those of connecting and binding. */
const after = (scene: RpcScene, credentials?: readonly Credential[]): ProtocolEvent[] =>
  told(scene, credentials).slice(4);
const types = (events: readonly ProtocolEvent[]): string[] => events.map(({ type }) => type);

describe('binds', () => {
  test('name the interface and what became of it', () => {
    expect(told(bound()).slice(2)).toMatchObject([
      { type: 'rpc.bind', callId: 1, interface: 'WDS control', version: '1.0', level: 1 },
      {
        type: 'rpc.bind-answer',
        interface: 'WDS control',
        result: 0,
        refusedAssociation: false,
        maxTransmit: 5840,
        requestFrame: 4,
      },
    ]);
  });

  test('a refused interface, a refused association', () => {
    expect(
      told(
        new RpcScene().connect().bind({ uuid: '12345678-1234-1234-1234-123456789abc', version: '1.0' }).bindAck(2),
      ).at(-1),
    ).toMatchObject({
      type: 'rpc.bind-answer',
      interface: '12345678-1234-1234-1234-123456789abc',
      result: 2,
      reason: 1,
    });
    const nak = new RpcScene().connect().bind().bindNak(9);
    expect(told(nak).at(-1)).toMatchObject({ type: 'rpc.bind-answer', refusedAssociation: true, reason: 9 });
  });

  test('are found on any port, and where the endpoint mapper says, by the first bytes or by the port', () => {
    const elsewhere = new RpcScene(undefined, 49_999).connect().bind().bindAck();
    expect(types(elsewhere.events({ clients: [elsewhere.client.mac] }))).toContain('rpc.bind-answer');
    const mapped = new RpcScene(undefined, 135)
      .connect()
      .bind(RPC_SYNTAXES.endpointMapper)
      .bindAck()
      .mapping(2, 50_400);
    expect(told(mapped).at(-1)).toMatchObject({
      type: 'rpc.endpoint-map',
      interface: 'WDS control',
      version: '1.0',
      ip: SERVER.ip,
      port: 50_400,
      status: 0,
    });
  });
});

describe('calls', () => {
  test('say operation, service, variables, and the error code of the answer', () => {
    const reply = [
      ...VERSION,
      { name: 'LOGLEVEL', type: 4, values: [3] },
      { name: 'TRANSACTION_ID', type: 0x20, values: ['{42}'] },
      { name: 'constructor', type: 4, values: [1] },
    ];
    expect(after(bound().call(2, wdsAsk(LOG_INIT, VERSION)).answer(2, wdsAnswer(0, reply)))).toMatchObject([
      {
        type: 'wds.request',
        callId: 2,
        service: 'os-deployment',
        operation: 'LOG_INIT',
        opcode: 3,
        user: '',
        level: 1,
        sealed: false,
        values: { version: 1 },
      },
      {
        type: 'wds.reply',
        callId: 2,
        operation: 'LOG_INIT',
        errorCode: 0,
        values: { version: 1, logLevel: 3, transactionId: '{42}' },
        requestFrame: 6,
      },
    ]);
  });

  test('an error code, and a reply without a packet', () => {
    expect(after(bound().call(2, wdsAsk(9)).answer(2, wdsAnswer(0xc103)))).toMatchObject([
      { operation: 'operation 9' },
      { errorCode: 0xc103 },
    ]);
    expect(
      after(
        bound()
          .call(2, wdsAsk(9))
          .answer(2, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0)),
      ),
    ).toMatchObject([{}, { type: 'wds.reply', errorCode: 5 }]);
  });

  test('in fragments are one call', () => {
    const [ask, reply] = [wdsAsk(LOG_INIT, VERSION), wdsAnswer(0, VERSION)];
    const scene = bound()
      .call(2, ask.subarray(0, 20), { last: false })
      .call(2, ask.subarray(20, 50), { first: false, last: false })
      .call(2, ask.subarray(50), { first: false });
    expect(
      after(scene.answer(2, reply.subarray(0, 64), { last: false }).answer(2, reply.subarray(64), { first: false })),
    ).toMatchObject([
      { type: 'wds.request', firstFrame: 6, frame: 8, fragments: 3, bytes: ask.length, operation: 'LOG_INIT' },
      { type: 'wds.reply', firstFrame: 9, frame: 10, fragments: 2, bytes: reply.length, errorCode: 0, requestFrame: 8 },
    ]);
  });

  test('to another interface are requests and responses', () => {
    const scene = new RpcScene()
      .connect()
      .bind({ uuid: '12345678-1234-1234-1234-123456789abc', version: '1.0' })
      .bindAck();
    expect(after(scene.call(2, new Uint8Array(8), { opnum: 7 }).answer(2, new Uint8Array(4)))).toMatchObject([
      { type: 'rpc.request', opnum: 7, bytes: 8 },
      { type: 'rpc.response', opnum: 7, bytes: 4, requestFrame: 6 },
    ]);
  });

  test('that are refused say why, and of what', () => {
    expect(after(bound().call(2, wdsAsk(IMG_ENUMERATE)).fault(2, 5))).toMatchObject([
      { type: 'wds.request' },
      { type: 'rpc.fault', interface: 'WDS control', operation: 'IMG_ENUMERATE', status: 5, requestFrame: 6 },
    ]);
  });

  test('an interface that the mapper does not know', () => {
    const scene = new RpcScene(undefined, 135)
      .connect()
      .bind(RPC_SYNTAXES.endpointMapper)
      .bindAck()
      .mapping(2, undefined);
    expect(after(scene)).toMatchObject([
      { type: 'rpc.request', interface: 'endpoint mapper', opnum: 3 },
      { type: 'rpc.endpoint-map', port: 0, status: 0x16c9a0d6 },
    ]);
  });

  test('whose stub is no packet: malformed, and the next one is read', () => {
    const scene = bound()
      .call(2, Uint8Array.of(9, 0, 0, 0, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
      .call(3, wdsAsk(LOG_INIT));
    expect(types(after(scene))).toEqual(['malformed', 'wds.request', 'wds.request']);
  });
});

describe('a logon over RPC', () => {
  const auth = (value: Uint8Array) => ({ type: 10, level: 6, contextId: 0, value });
  const logon = ntlmExchange('host/srv', 5, true);
  /** Alter-context, challenge, AUTH3, and one sealed call with its answer. */
  const sealed = (scene: RpcScene, firstSequence = 0): RpcScene => {
    const [client, server] = [logon.client(firstSequence), logon.server(firstSequence)];
    const protection = { type: 10, level: 6, contextId: 0 };
    scene
      .bind(RPC_SYNTAXES.wdsControl, 'alter-context', auth(logon.negotiate))
      .bindAck(0, 'alter-context-response', auth(logon.challenge));
    scene.fromClient({ name: 'auth3', callId: 1, body: { type: 'other' }, auth: auth(logon.authenticate) });
    for (const callId of [5, 6]) {
      const [ask, answer] = [wdsAsk(IMG_ENUMERATE, VERSION), wdsAnswer(0, VERSION)];
      scene.bytes(
        true,
        protectRpcPdu(
          {
            name: 'request',
            callId,
            body: { type: 'request', allocationHint: ask.length, contextId: 0, opnum: 0, stub: ask },
          },
          { ...protection, sealer: client },
        ),
      );
      scene.bytes(
        false,
        protectRpcPdu(
          {
            name: 'response',
            callId,
            body: { type: 'response', allocationHint: answer.length, contextId: 0, stub: answer },
          },
          { ...protection, sealer: server },
        ),
      );
    }
    return scene;
  };
  const LOGON = [
    'rpc.alter-context',
    'ntlm.negotiate',
    'rpc.alter-context-answer',
    'ntlm.challenge',
    'rpc.auth3',
    'ntlm.authenticate',
  ];

  test('is told with its user; what is sealed says only that it is', () => {
    const events = after(sealed(bound()));
    expect(types(events)).toEqual([...LOGON, 'wds.request', 'wds.reply', 'wds.request', 'wds.reply']);
    expect(events[4]).toMatchObject({ user: 'SYSTEM\\administrateur', level: 6 });
    expect(events[5]).not.toHaveProperty('passwordFits');
    expect(events[6]).toMatchObject({
      sealed: true,
      level: 6,
      user: 'SYSTEM\\administrateur',
      operation: '',
      values: {},
    });
    expect(events[7]).not.toHaveProperty('errorCode');
  });

  test('is read by whoever knows the password, message after message', () => {
    const events = after(sealed(bound()), KNOWN);
    expect(events[5]).toMatchObject({ type: 'ntlm.authenticate', passwordFits: true });
    expect(events.slice(6)).toMatchObject([
      { type: 'wds.request', sealed: true, operation: 'IMG_ENUMERATE', opcode: 2, values: { version: 1 } },
      { type: 'wds.reply', sealed: true, errorCode: 0, operation: 'IMG_ENUMERATE' },
      { operation: 'IMG_ENUMERATE' },
      { errorCode: 0 },
    ]);
  });

  test('is read behind a SPNEGO exchange that signed its mechanisms, whose sequence numbers begin with 1; not where PDUs are missing', () => {
    expect(after(sealed(bound(), 1), KNOWN).slice(6)).toMatchObject([
      { operation: 'IMG_ENUMERATE' },
      { errorCode: 0 },
      { operation: 'IMG_ENUMERATE' },
      { errorCode: 0 },
    ]);
    const late = after(sealed(bound(), 2), KNOWN);
    expect(late[6]).toMatchObject({ operation: '' });
    expect(types(late)).not.toContain('rpc.anomaly');
  });

  test('shows a wrong password, and leaves other users’ passwords alone', () => {
    expect(after(sealed(bound()), [{ user: 'administrateur', password: 'other' }])[5]).toMatchObject({
      passwordFits: false,
    });
    expect(after(sealed(bound()), [{ user: 'somebody', password: 'Passw0rd.lab' }])[5]).not.toHaveProperty(
      'passwordFits',
    );
  });

  test('a changed byte of what is sealed does not fit its signature', () => {
    const scene = sealed(bound());
    const frame = scene.frames[8];
    if (frame) frame.bytes[frame.bytes.length - 40] = (frame.bytes[frame.bytes.length - 40] ?? 0) ^ 1;
    const events = after(scene, KNOWN);
    expect(events.find(({ type }) => type === 'rpc.anomaly')).toMatchObject({
      anomaly: { kind: 'wrong-signature', callId: 5, user: 'SYSTEM\\administrateur' },
    });
    expect(events.find(({ type }) => type === 'wds.request')).toMatchObject({ operation: '' });
  });

  test('a capture that begins behind the bind still has it all, as the reference trace does', () => {
    const scene = sealed(bound());
    const late = observe(scene.frames.slice(5), { clients: [scene.client.mac], credentials: KNOWN }).events;
    expect(types(late)).toEqual([...LOGON, 'wds.request', 'wds.reply', 'wds.request', 'wds.reply']);
    expect(late[6]).toMatchObject({ operation: 'IMG_ENUMERATE' });
  });

  test('a request that was lost makes the next ones of its direction unreadable, not wrong', () => {
    const scene = sealed(bound());
    for (let i = 0; i < 12; i++) scene.call(20 + i, wdsAsk(LOG_INIT));
    const { events } = observe(
      scene.frames.filter((_, index) => index !== 8),
      { credentials: KNOWN },
    );
    expect(events.find(({ type }) => type === 'tcp.lost')).toMatchObject({ by: 'client' });
    expect(events.filter((event) => event.type === 'rpc.anomaly' && event.anomaly.kind === 'wrong-signature')).toEqual(
      [],
    );
    expect(events.find((event) => event.type === 'wds.request' && event.callId === 6)).toMatchObject({
      sealed: true,
      operation: '',
    });
  });
});

describe('PDUs that do not fit those before them', () => {
  const anomalies = (scene: RpcScene): RpcAnomaly[] =>
    told(scene).flatMap((event) => (event.type === 'rpc.anomaly' ? [event.anomaly] : []));

  test.each([
    [
      'a call id used twice',
      bound().call(2, wdsAsk(LOG_INIT)).call(2, wdsAsk(LOG_INIT)),
      { kind: 'call-id-in-use', callId: 2 },
    ],
    [
      'a response to nothing',
      bound().answer(9, wdsAnswer(0)),
      { kind: 'answer-to-no-call', callId: 9, name: 'response' },
    ],
    ['a fault for nothing', bound().fault(9, 5), { kind: 'answer-to-no-call', callId: 9, name: 'fault' }],
    ['an answer to no bind', new RpcScene().connect().bindAck(), { kind: 'answer-to-no-bind', callId: 1 }],
    [
      'a fragment without its first',
      bound().call(2, wdsAsk(LOG_INIT), { first: false }),
      { kind: 'fragment-without-first', callId: 2 },
    ],
    [
      'a first fragment twice',
      bound().call(2, new Uint8Array(8), { last: false }).call(2, new Uint8Array(8), { last: false }),
      { kind: 'first-fragment-twice', callId: 2, wanted: 2 },
    ],
    [
      'a context that nobody accepted',
      new RpcScene().connect().call(2, new Uint8Array(8)),
      { kind: 'unknown-context', callId: 2, contextId: 0 },
    ],
    [
      'unfinished calls without end',
      [...Array(140).keys()].reduce((scene, n) => scene.call(n, new Uint8Array(32_000), { last: false }), bound()),
      { kind: 'fragments-without-end', callId: 131, limit: 4_194_304 },
    ],
    [
      'a bind in fragments',
      new RpcScene().connect().fromClient({
        name: 'bind',
        callId: 1,
        lastFragment: false,
        body: { type: 'bind', maxTransmit: 1, maxReceive: 1, associationGroup: 0, contexts: [] },
      }),
      { kind: 'pdu-in-fragments', callId: 1, name: 'bind' },
    ],
    [
      'an answer of another authentication level',
      new RpcScene()
        .connect()
        .bind()
        .bindAck(0, 'bind-ack', { type: 10, level: 6, contextId: 0, value: ntlmExchange('a', 1, true).challenge }),
      { kind: 'other-level', callId: 1, level: 6, asked: 1 },
    ],
    [
      'an AUTH3 of another call',
      bound().fromClient({
        name: 'auth3',
        callId: 9,
        body: { type: 'other' },
        auth: { type: 10, level: 6, contextId: 0, value: ntlmExchange('a', 1, true).authenticate },
      }),
      { kind: 'auth3-of-other-call', callId: 9, bind: 1 },
    ],
    [
      'a tower of another interface',
      new RpcScene(undefined, 135)
        .connect()
        .bind(RPC_SYNTAXES.endpointMapper)
        .bindAck()
        .call(2, encodeEptMapRequest({ interface: RPC_SYNTAXES.wdsControl, transfer: RPC_SYNTAXES.ndr }), { opnum: 3 })
        .answer(
          2,
          encodeEptMapResponse(
            { interface: RPC_SYNTAXES.endpointMapper, transfer: RPC_SYNTAXES.ndr, port: 5, ip: SERVER.ip },
            4,
          ),
        ),
      {
        kind: 'tower-of-other-interface',
        callId: 2,
        interface: RPC_SYNTAXES.endpointMapper.uuid,
        asked: RPC_SYNTAXES.wdsControl.uuid,
      },
    ],
  ])('%s', (_, scene, anomaly) => {
    expect(anomalies(scene)[0]).toEqual(anomaly);
  });

  test('none where the capture began later than the connection', () => {
    const scene = bound().answer(9, wdsAnswer(0));
    expect(
      observe(scene.frames.slice(5), { clients: [scene.client.mac] }).events.map(({ type }) => type),
    ).not.toContain('rpc.anomaly');
  });

  test('bytes that are no PDU are malformed, and the next segment that begins with one is read', () => {
    expect(
      types(
        after(
          bound()
            .bytes(
              true,
              Uint8Array.from({ length: 40 }, () => 0x41),
            )
            .call(2, wdsAsk(LOG_INIT)),
        ),
      ),
    ).toEqual(['malformed', 'wds.request']);
  });

  test('whatever comes, the observer lives, and the kept bytes give the same events', () => {
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(wdsAsk(LOG_INIT), wdsAnswer(0)),
      fc
        .tuple(
          fc.constantFrom(0, 2, 3, 11, 12, 13, 14, 15, 16, 99),
          fc.nat(255),
          fc.uint8Array({ maxLength: 90 }),
          fc.nat(80),
          fc.nat(60),
        )
        .map(([type, flags, body, extra, authLength]) => {
          const length = 16 + body.length + (extra > 70 ? extra : 0);
          return Uint8Array.of(
            5,
            0,
            type,
            flags,
            0x10,
            0,
            0,
            0,
            length & 0xff,
            length >> 8,
            authLength > 50 ? authLength : 0,
            0,
            1,
            0,
            0,
            0,
            ...body,
          );
        }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), chunk), { maxLength: 30 }), fc.boolean(), (chunks, fromStart) => {
        const scene = fromStart ? bound() : new RpcScene();
        for (const [fromClient, bytes] of chunks) scene.bytes(fromClient, bytes);
        const { events, trimmed } = observe(scene.frames, { clients: [scene.client.mac], credentials: KNOWN });
        expect(observe(trimmed, { clients: [scene.client.mac], credentials: KNOWN }).events).toEqual(events);
      }),
      { numRuns: 200 },
    );
  });
});
