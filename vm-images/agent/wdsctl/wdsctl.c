// A client of the WDS control channel for scripts. Reads one command per line, its words percent-encoded; answers each with a
// line, `ok NUMBER`, or `error TEXT`. One connection for all commands; FOLDER has the variables of the last reply as files.
//
//   connect ADDRESS [PORT]            endpoint mapper (unless PORT is given), TCP, bind; `ok PORT`
//   authenticate DOMAIN USER PASSWORD NTLM with privacy for every later call
//   call OPERATION [NAME:TYPE=VALUE]… `ok VARIABLES`; OPERATION as MS-WDSOSD calls it, TYPE u8, u16, u32 or text
#include "endpoint-mapper.h"
#include "wds.h"
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINE 65536
// A computer's devices, about a dozen words each.
#define MAX_WORDS 1024

static struct rpc connection = {.socket = -1};
static int folder;

static int hexadecimal(char digit) {
  return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

// Decodes a word in place (RFC 3986 section 2.1).
static bool percent_decode(char *word) {
  char *to = word;
  for (char *from = word; *from != 0; from++, to++) {
    *to = *from;
    if (*from != '%') continue;
    int high = hexadecimal(from[1]), low = high < 0 ? -1 : hexadecimal(from[2]);
    if (low < 0 || high * 16 + low == 0) return fail("%.40s: expected two hexadecimal digits after %%, not 00", word);
    *to = (char)(high * 16 + low);
    from += 2;
  }
  *to = 0;
  return true;
}

static bool do_connect(char **words, int count, uint32_t *result) {
  uint16_t port = 0;
  if (count == 3) {
    char *end;
    unsigned long number = strtoul(words[2], &end, 10);
    if (*end != 0 || number == 0 || number > 65535) return fail("%.40s: expected a TCP port from 1 to 65535", words[2]);
    port = number;
  }
  rpc_close(&connection);
  if (port == 0 && !endpoint_map(words[1], &WDS_INTERFACE, &port)) return false;
  *result = port;
  return rpc_open(&connection, words[1], port, &WDS_INTERFACE);
}

static bool do_call(char **words, int count, uint32_t *result) {
  static uint8_t bytes[MAX_LINE * 4];
  const struct wds_operation *operation = wds_operation_named(words[1]);
  if (!operation) return false;
  struct wds_request request;
  wds_begin(&request, bytes, sizeof bytes, operation);
  for (int i = 2; i < count; i++) {
    if (!wds_add(&request, words[i])) return false;
  }
  return wds_send(&request, &connection, folder, result);
}

static bool run(char **words, int count, uint32_t *result) {
  const char *command = count == 0 ? "" : words[0];
  if (strcmp(command, "connect") == 0 && (count == 2 || count == 3)) return do_connect(words, count, result);
  if (strcmp(command, "authenticate") == 0 && count == 4) {
    if (connection.socket < 0) return fail("not connected");
    return rpc_authenticate(&connection, (struct account){.domain = words[1], .user = words[2], .password = words[3]});
  }
  if (strcmp(command, "call") == 0 && count >= 2) {
    if (connection.socket < 0) return fail("not connected");
    return do_call(words, count, result);
  }
  return fail("%.40s: expected connect ADDRESS [PORT], authenticate DOMAIN USER PASSWORD, or call OPERATION [NAME:TYPE=VALUE]", command);
}

static bool run_line(char *line, uint32_t *result) {
  char *words[MAX_WORDS];
  int count = 0;
  for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
    if (count == MAX_WORDS) return fail("more than %d words", MAX_WORDS);
    if (!percent_decode(word)) return false;
    words[count++] = word;
  }
  return run(words, count, result);
}

int main(int argc, char **argv) {
  static char line[MAX_LINE];
  // NTLM upper-cases names by character, not by byte.
  setlocale(LC_CTYPE, "C.UTF-8");
  folder = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (folder < 0) {
    fprintf(stderr, "usage: wdsctl FOLDER   (an existing folder for the variables of replies; commands on standard input)\n");
    return 2;
  }
  while (fgets(line, sizeof line, stdin)) {
    uint32_t result = 0;
    size_t length = strcspn(line, "\n");
    bool whole = line[length] == '\n' || feof(stdin);
    line[length] = 0;
    if (whole && run_line(line, &result)) {
      printf("ok %u\n", result);
    } else {
      printf("error %s\n", whole ? failure() : "a line has more than 65535 bytes");
    }
    fflush(stdout);
    if (!whole) return 2;
  }
  rpc_close(&connection);
  return 0;
}
