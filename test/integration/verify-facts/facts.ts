import { type EndpointName, EVERY_ENDPOINT } from './endpoints.js';
import { readTable, type Row } from './table.js';

/** What is true of one kind of rule (world.yml). */
export interface Facts {
  readonly about: string;
  /** At which of them it is true: every one, unless said otherwise. */
  readonly endpoints: readonly EndpointName[];
  readonly rows: readonly Row[];
}

const facts = (about: string, table: string, endpoints = EVERY_ENDPOINT): Facts => ({ about, endpoints, rows: readTable(table) });
const HEADERS_ONLY = EVERY_ENDPOINT.filter((name) => name !== 'ext-authz');

export const FACTS: readonly Facts[] = [
  facts(
    'the four policies, and the default where no rule matches',
    `
                                                              unknown   bo     bo+2   ada    ada+2
    GET      https://lobby.house.test/                        open      open   open   open   open
    GET      https://lobby.house.test/a?b=c                   open      open   open   open   open
    GET      https://parlour.house.test/                      ask       open   open   open   open
    GET      https://parlour.house.test/a/b?c=d&e=f%20g       ask       open   open   open   open
    GET      https://safe.house.test/                         ask       ask    open   ask    open
    GET      https://safe.house.test/deep/down                ask       ask    open   ask    open
    GET      https://cellar.house.test/                       no        no     no     no     no
    GET      https://nowhere.house.test/                      no        no     no     no     no
    GET      https://house.test/                              no        no     no     no     no
    GET      https://door.house.test/                         no        no     no     no     no
  `,
  ),
  facts(
    'rules for some people: whoever is unknown may still turn out to be one of them',
    `
                                                              unknown   bo     bo+2   ada    ada+2
    GET      https://office.house.test/                       ask       no     no     ask    open
    GET      https://study.house.test/                        ask       no     no     open   open
    GET      https://kitchen.house.test/                      ask       open   open   open   open
    GET      https://attic.house.test/                        ask       no     no     open   open
    GET      https://pantry.house.test/                       ask       no     no     open   open
  `,
  ),
  facts(
    'paths and methods',
    `
                                                              unknown   bo     bo+2   ada    ada+2
    GET      https://desk.house.test/                         no        no     no     no     no
    GET      https://desk.house.test/leaflets                 open      open   open   open   open
    GET      https://desk.house.test/leaflets/                open      open   open   open   open
    GET      https://desk.house.test/leaflets?page=1          open      open   open   open   open
    GET      https://desk.house.test/leaflets-old             no        no     no     no     no
    GET      https://desk.house.test/LEAFLETS                 no        no     no     no     no
    GET      https://desk.house.test/ledger                   ask       open   open   open   open
    HEAD     https://desk.house.test/ledger                   ask       open   open   open   open
    POST     https://desk.house.test/ledger                   no        no     no     no     no
    GET      https://desk.house.test/ledger/keys              ask       ask    open   ask    open
    GET      https://desk.house.test/ledger/keys?all          ask       ask    open   ask    open
    GET      https://desk.house.test/ledger/keyspace          ask       open   open   open   open
    DELETE   https://desk.house.test/ledger/keys              see       see    open   see    open
    GET      https://desk.house.test/safe                     no        no     no     no     no
    OPTIONS  https://desk.house.test/safe                     open      open   open   open   open
    GET      https://fence.house.test/health                  open      open   open   open   open
    GET      https://fence.house.test/api/health/now          open      open   open   open   open
    GET      https://fence.house.test/api                     ask       ask    open   ask    open
    GET      https://poster.house.test/opening-hours          open      open   open   open   open
    GET      https://poster.house.test/OPENING-HOURS          open      open   open   open   open
    GET      https://poster.house.test/other                  ask       open   open   open   open
  `,
  ),
  facts(
    'paths of two readings: the stricter counts',
    `
                                                              unknown   bo     bo+2   ada    ada+2
    GET      https://desk.house.test/leaflets/../ledger/keys  ask       ask    open   ask    open
    GET      https://desk.house.test/leaflets/%2e%2e/ledger/keys  ask   ask    open   ask    open
    GET      https://desk.house.test/leaflets/..%2fledger/keys    ask   ask    open   ask    open
    GET      https://desk.house.test/leaflets/%252e%252e/ledger/keys  ask ask  open   ask    open
    GET      https://desk.house.test/ledger//keys             ask       ask    open   ask    open
    GET      https://desk.house.test/ledger/x/../keys         ask       ask    open   ask    open
    GET      https://desk.house.test//leaflets                no        no     no     no     no
    GET      https://desk.house.test/./leaflets               no        no     no     no     no
    GET      https://desk.house.test/leaflets;/../ledger      no        no     no     no     no
    GET      https://parlour.house.test/%C3%A9                ask       open   open   open   open
    GET      https://parlour.house.test/${'long'.repeat(375)} ask       open   open   open   open
  `,
  ),
  facts(
    'the query, which belongs to what a path pattern sees',
    `
                                                              unknown   bo     bo+2   ada    ada+2
    GET      https://fence.house.test/api/keys?path=/health   open      open   open   open   open
    GET      https://poster.house.test/opening-hours?today    ask       open   open   open   open
    GET      https://hatch.house.test/                        ask       open   open   open   open
    GET      https://hatch.house.test/?token=acorn&id=1       open      open   open   open   open
    GET      https://hatch.house.test/?token=acorn            ask       open   open   open   open
    GET      https://hatch.house.test/?token=acorm&id=1       ask       open   open   open   open
    GET      https://hatch.house.test/?token=x&token=acorn&id=1  ask    open   open   open   open
    GET      https://hatch.house.test/?page=12                ask       open   open   open   open
    GET      https://hatch.house.test/?page=1x&hidden=1       no        no     no     no     no
    GET      https://hatch.house.test/?mode=x                 no        no     no     no     no
    GET      https://hatch.house.test/?mode=y                 ask       open   open   open   open
  `,
    HEADERS_ONLY,
  ),
  facts(
    'the query where it never arrives',
    `
                                                              unknown   bo     bo+2   ada    ada+2
    GET      https://fence.house.test/api/keys?path=/health   ask       ask    open   ask    open
    GET      https://poster.house.test/opening-hours?today    open      open   open   open   open
    GET      https://hatch.house.test/?token=acorn&id=1       ask       open   open   open   open
    GET      https://hatch.house.test/?mode=x                 ask       open   open   open   open
  `,
    ['ext-authz'],
  ),
  facts(
    'networks, by the address of the client',
    `
                                                              unknown   bo     bo+2   ada    ada+2
    GET  https://terrace.house.test/ from=10.1.2.3            open      open   open   open   open
    GET  https://terrace.house.test/ from=::ffff:10.1.2.3     open      open   open   open   open
    GET  https://terrace.house.test/ from=fd00::1             open      open   open   open   open
    GET  https://terrace.house.test/ from=192.168.40.9        open      open   open   open   open
    GET  https://terrace.house.test/ from=192.168.40.10       ask       open   open   open   open
    GET  https://terrace.house.test/ from=8.8.8.8             ask       open   open   open   open
    GET  https://terrace.house.test/ from=2001:db8::1         ask       open   open   open   open
    GET  https://terrace.house.test/ from=10.1.2.3,8.8.8.8    ask       open   open   open   open
    GET  https://terrace.house.test/ from=8.8.8.8,10.1.2.3    open      open   open   open   open
    GET  https://terrace.house.test/ from=10.1.2.3.4          400       400    400    400    400
  `,
  ),
  facts(
    'hosts: lists, wildcards, names of people and of groups, patterns',
    `
                                                              unknown   bo     bo+2   ada    ada+2
    GET      https://east.hall.house.test/                    ask       open   open   open   open
    GET      https://far.east.hall.house.test/                ask       open   open   open   open
    GET      https://hall.house.test/                         no        no     no     no     no
    GET      https://easthall.house.test/                     no        no     no     no     no
    GET      https://stairs.house.test/                       ask       open   open   open   open
    GET      https://ada.room.house.test/                     ask       no     no     open   open
    GET      https://bo.room.house.test/                      ask       open   open   no     no
    GET      https://room.house.test/                         no        no     no     no     no
    GET      https://staff.club.house.test/                   ask       no     no     open   open
    GET      https://makers.club.house.test/                  ask       no     no     open   open
    GET      https://guests.club.house.test/                  ask       open   open   no     no
    GET      https://STAFF.club.house.test/                   ask       no     no     open   open
    GET      https://shelf-7.house.test/                      open      open   open   open   open
    GET      https://shelf-x.house.test/                      no        no     no     no     no
    GET      https://ada.drawer.house.test/                   ask       no     no     open   open
    GET      https://bo.drawer.house.test/                    ask       open   open   no     no
    GET      https://ADA.drawer.house.test/                   ask       no     no     open   open
    GET      https://box-staff.house.test/                    ask       no     no     ask    open
    GET      https://box-guests.house.test/                   ask       ask    open   no     no
    GET      https://archive.house.test/of/ada                ask       no     no     open   open
    GET      https://archive.house.test/of/bo/letters         ask       open   open   no     no
    GET      https://archive.house.test/for/staff             ask       no     no     open   open
    GET      https://archive.house.test/for/ghosts            ask       no     no     no     no
    GET      https://archive.house.test/other                 no        no     no     no     no
  `,
  ),
  facts(
    'the second cookie domain, with its own portal and its own sessions',
    `
                                                              unknown   bo     bo+2   ada    ada+2
    GET      https://shed.yard.test/                          ask       open   open   open   open
    GET      https://shed.YARD.test/                          ask       open   open   open   open
    GET      https://old.shed.yard.test/                      ask       open   open   open   open
    GET      https://yard.test/                               no        no     no     no     no
    POST     https://shed.yard.test/                          see       open   open   open   open
  `,
  ),
  facts(
    'one host in several spellings',
    `
                                                              unknown   known
    GET      https://PARLOUR.house.test/                      ask       open
    GET      https://Parlour.House.Test/                      ask       open
    GET      https://parlour.house.test:8443/                 ask       open
    GET      https://parlour.house.test:443/                  ask       open
    GET      wss://parlour.house.test/socket                  ask       open
  `,
  ),
  facts(
    'an address without a path, which only headers can carry; `/api/verify` takes an empty X-Forwarded-URI for none',
    `
                                                              unknown   known
    GET      https://parlour.house.test                       ask       open
  `,
    ['legacy with X-Original-URL', 'forward-auth', 'auth-request'],
  ),
  facts(
    'what is no address of ours, whoever asks and whatever the rules say',
    `
                                                              everybody
    GET      https://next-door.test/                          bad
    GET      https://evilhouse.test/                          bad
    GET      https://house.test.evil.test/                    bad
    GET      https://parlour.house.test.evil.test/            bad
    GET      https://parlour.house.test./                     bad
    GET      http://parlour.house.test/                       bad
    GET      http://lobby.house.test/                         bad
    GET      ws://parlour.house.test/socket                   bad
    GET      https://192.168.1.1/                             bad
    GET      https://[::1]/                                   bad
  `,
  ),
  facts(
    'what could be read as two addresses, or as none',
    `
                                                              everybody
    GET      https://parlour.house.test/a%00b                 400
    GET      https://parlour.house.test/%zz                   400
    GET      https://parlour.house.test/%                     400
    GET      https://parlour.house.test/%ff                   400
    GET      https://parlour.house.test/a%09b                 400
    GET      https://parlour.house.test/a%0d%0ab              400
    GET      https://parlour.house.test/a#b                   400
    GET      https://parlour.house.test/\\evil                400
    GET      https://a:b@parlour.house.test/                  400
    GET      https://parlour.house.test:abc/                  400
    GET      https://lobby.house.test/%00                     400
    GET      https://xn--n-0ga.house.test/                    no
  `,
  ),
  facts(
    'methods: how somebody is sent to sign in, and that the letters are capitals',
    `
                                                              unknown   bo     bo+2   ada    ada+2
    HEAD     https://parlour.house.test/                      ask       open   open   open   open
    OPTIONS  https://parlour.house.test/                      ask       open   open   open   open
    POST     https://parlour.house.test/                      see       open   open   open   open
    PUT      https://parlour.house.test/                      see       open   open   open   open
    DELETE   https://parlour.house.test/                      see       open   open   open   open
    PROPFIND https://parlour.house.test/                      see       open   open   open   open
    POST     https://safe.house.test/                         see       see    open   see    open
    POST     https://lobby.house.test/                        open      open   open   open   open
    POST     https://cellar.house.test/                       no        no     no     no     no
  `,
  ),
  facts(
    'methods that are none',
    `
                                                              everybody
    get      https://parlour.house.test/                      bad
    GETx     https://lobby.house.test/                        bad
    GE%20T   https://parlour.house.test/                      bad
  `,
    HEADERS_ONLY,
  ),
  facts(
    'browsers and scripts: who is sent, and who is told',
    `
                                                                        unknown   bo     bo+2   ada    ada+2
    GET   https://parlour.house.test/ accept=application/json           tell      open   open   open   open
    GET   https://parlour.house.test/ accept=none                       tell      open   open   open   open
    GET   https://parlour.house.test/ accept=application/json,*/*       tell      open   open   open   open
    GET   https://parlour.house.test/ accept=*/*                        ask       open   open   open   open
    GET   https://parlour.house.test/ accept=application/json,text/html;q=0.9  ask  open  open  open   open
    GET   https://parlour.house.test/ script                            tell      open   open   open   open
    POST  https://parlour.house.test/ accept=application/json           tell      open   open   open   open
    POST  https://safe.house.test/ script                               tell      tell   open   tell   open
  `,
  ),
];
