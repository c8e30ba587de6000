/* Seals packets for many viewers with AES-128-GCM and sends them, many in one system call. Knows no RTP and no policy.

   The compiled twin of media/sending.py: the same calls give the same bytes on the wire and the same counts. The cipher
   is OpenSSL's libcrypto, handed over as a table of functions, so that neither headers nor a linker's library are needed;
   so are the two system calls, which tests replace.
   Nothing here allocates while it sends, and nothing is kept but a cipher with its key for each viewer. Whoever calls
   is one thread; a context must outlive the call that names it. */

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { KEY = 16, NONCE = 12, TAG = 16, HEADER_LEAST = 12 };
enum { MESSAGES_AT_ONCE = 16, SEGMENTS_MOST = 64, DATAGRAM_MOST = 65507 };
enum { GCM_GET_TAG = 0x10 };                                  /* EVP_CTRL_AEAD_GET_TAG */
enum { SENDS, SENT, DROPPED, CANNOT_SEGMENT, COUNTERS };      /* what a call counts */

#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

typedef struct evp_cipher_ctx_st cipher_ctx;
typedef struct evp_cipher_st cipher;

/* In this order in the table of media/native/binding.py; the first types are those of <openssl/evp.h>. */
static struct {
    const cipher *(*aes_128_gcm)(void);
    cipher_ctx *(*make)(void);
    void (*free)(cipher_ctx *);
    int (*init)(cipher_ctx *, const cipher *, void *engine, const uint8_t *key, const uint8_t *nonce);
    int (*update)(cipher_ctx *, uint8_t *out, int *written, const uint8_t *in, int size);
    int (*final)(cipher_ctx *, uint8_t *out, int *written);
    int (*ctrl)(cipher_ctx *, int what, int size, void *value);
    int (*sendmmsg)(int, struct mmsghdr *, unsigned int, int);
    ssize_t (*sendto)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
} use;

typedef struct {
    cipher_ctx *cipher;
    uint8_t salt[NONCE];
} context;

/* The four layouts that binding.py packs. Addresses and ports are in network order. */
typedef struct {
    context *context;
    uint32_t address;
    uint16_t port, unused;
} viewer;

typedef struct {
    uint32_t at, header, payload; /* where in the text the header begins, which the payload follows */
    uint8_t mask[NONCE];          /* what makes a viewer's salt the nonce */
} packet;

typedef struct {
    uint32_t first, count, segment; /* packets that share a message; all but the last are `segment` bytes when sealed */
} run;

typedef struct {
    const packet *packets;
    const uint8_t *text;
    uint8_t *buffer;
    size_t used;
    uint64_t *counted;
    int socket;
    unsigned int count;
    struct mmsghdr messages[MESSAGES_AT_ONCE];
    struct iovec parts[MESSAGES_AT_ONCE];
    struct sockaddr_in to[MESSAGES_AT_ONCE];
    const run *runs[MESSAGES_AT_ONCE];
    struct {
        _Alignas(size_t) uint8_t bytes[CMSG_SPACE(sizeof(uint16_t))]; /* as struct cmsghdr is aligned */
    } segments[MESSAGES_AT_ONCE];
} batch;

void liveroom_use(void *const functions[9]) {
    memcpy(&use, functions, sizeof use);
}

/* A viewer's cipher with its key; NULL when there is none to be had. */
context *liveroom_context(const uint8_t key[KEY], const uint8_t salt[NONCE]) {
    context *made = calloc(1, sizeof *made);
    if (made == NULL)
        return NULL;
    made->cipher = use.make();
    if (made->cipher == NULL || use.init(made->cipher, use.aes_128_gcm(), NULL, key, NULL) != 1) {
        if (made->cipher != NULL)
            use.free(made->cipher);
        free(made);
        return NULL;
    }
    memcpy(made->salt, salt, NONCE);
    return made;
}

void liveroom_free(context *context) {
    use.free(context->cipher);
    free(context);
}

static size_t sealed_size(const packet *packet) {
    return (size_t)packet->header + packet->payload + TAG;
}

static size_t run_size(const run *run, const packet *packets) {
    size_t size = 0;
    for (uint32_t i = 0; i < run->count; i++)
        size += sealed_size(&packets[run->first + i]);
    return size;
}

/* Header, ciphertext, tag; 1 when all of it is sealed. By itself it is what a library is tried with when it is loaded. */
int liveroom_seal(const context *context, const packet *packet, const uint8_t *text, uint8_t *out) {
    const uint8_t *header = text + packet->at, *payload = header + packet->header;
    uint8_t nonce[NONCE], *body = out + packet->header;
    int written = 0;
    for (int i = 0; i < NONCE; i++)
        nonce[i] = context->salt[i] ^ packet->mask[i];
    memcpy(out, header, packet->header);
    return use.init(context->cipher, NULL, NULL, NULL, nonce) == 1 &&
           use.update(context->cipher, NULL, &written, header, (int)packet->header) == 1 &&
           use.update(context->cipher, body, &written, payload, (int)packet->payload) == 1 &&
           written == (int)packet->payload && use.final(context->cipher, body + packet->payload, &written) == 1 &&
           use.ctrl(context->cipher, GCM_GET_TAG, TAG, body + packet->payload) == 1;
}

/* One after the other what the kernel would not cut into segments: the device cannot, or the path is too narrow. */
static void send_singly(batch *batch, unsigned int which) {
    const run *run = batch->runs[which];
    const uint8_t *at = batch->parts[which].iov_base;
    for (uint32_t i = 0; i < run->count; i++) {
        size_t size = sealed_size(&batch->packets[run->first + i]);
        ssize_t taken;
        do
            taken = use.sendto(batch->socket, at, size, MSG_DONTWAIT, (struct sockaddr *)&batch->to[which],
                               sizeof batch->to[which]);
        while (taken < 0 && errno == EINTR);
        batch->counted[SENDS]++;
        batch->counted[taken < 0 ? DROPPED : SENT]++;
        at += size;
    }
}

/* Sends what is sealed. A message that is not taken delays nobody: it is dropped, as a network would. */
static void send_batch(batch *batch) {
    unsigned int at = 0;
    while (at < batch->count) {
        int taken = use.sendmmsg(batch->socket, batch->messages + at, batch->count - at, MSG_DONTWAIT);
        if (taken > 0) {
            for (; taken > 0; taken--, at++) {
                batch->counted[SENDS]++;
                batch->counted[SENT] += batch->runs[at]->count;
            }
        } else if (errno != EINTR) {
            int why = errno;
            batch->counted[SENDS]++;
            if (batch->runs[at]->count > 1 && (why == EIO || why == EMSGSIZE || why == EINVAL)) {
                batch->counted[CANNOT_SEGMENT] |= why == EIO;
                send_singly(batch, at);
            } else {
                batch->counted[DROPPED] += batch->runs[at]->count;
            }
            at++;
        }
    }
    batch->count = 0;
    batch->used = 0;
}

/* A message more: sealed to where the one before it ends. What cannot be sealed is never sent. */
static void add(batch *batch, const viewer *viewer, const run *run) {
    unsigned int n = batch->count;
    uint8_t *begin = batch->buffer + batch->used, *end = begin;
    for (uint32_t i = 0; i < run->count; i++) {
        const packet *packet = &batch->packets[run->first + i];
        if (!liveroom_seal(viewer->context, packet, batch->text, end)) {
            batch->counted[DROPPED] += run->count;
            return;
        }
        end += sealed_size(packet);
    }
    struct msghdr *message = &batch->messages[n].msg_hdr;
    memset(message, 0, sizeof *message);
    batch->parts[n] = (struct iovec){.iov_base = begin, .iov_len = (size_t)(end - begin)};
    batch->to[n] = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = viewer->port, .sin_addr = {.s_addr = viewer->address}};
    batch->runs[n] = run;
    message->msg_name = &batch->to[n];
    message->msg_namelen = sizeof batch->to[n];
    message->msg_iov = &batch->parts[n];
    message->msg_iovlen = 1;
    if (run->count > 1) {
        uint16_t segment = (uint16_t)run->segment;
        message->msg_control = batch->segments[n].bytes;
        message->msg_controllen = sizeof batch->segments[n].bytes;
        struct cmsghdr *head = CMSG_FIRSTHDR(message);
        head->cmsg_level = SOL_UDP;
        head->cmsg_type = UDP_SEGMENT;
        head->cmsg_len = CMSG_LEN(sizeof segment);
        memcpy(CMSG_DATA(head), &segment, sizeof segment);
    }
    batch->used += batch->parts[n].iov_len;
    batch->count++;
}

/* Whether everything lies within its bounds: this file trusts no number that it is given. */
static int is_sound(const packet *packets, uint32_t packet_count, size_t text_size, const run *runs, uint32_t run_count,
                    size_t buffer_size) {
    for (uint32_t i = 0; i < packet_count; i++) {
        const packet *p = &packets[i];
        if (p->header < HEADER_LEAST || p->header > DATAGRAM_MOST || p->payload > DATAGRAM_MOST || p->at > text_size ||
            (size_t)p->header + p->payload > text_size - p->at)
            return 0;
    }
    for (uint32_t i = 0; i < run_count; i++) {
        const run *r = &runs[i];
        if (r->count == 0 || r->count > SEGMENTS_MOST || r->first > packet_count || r->count > packet_count - r->first)
            return 0;
        for (uint32_t k = 0; k < r->count; k++) {
            size_t size = sealed_size(&packets[r->first + k]);
            if (size > r->segment || (size < r->segment && k + 1 < r->count))
                return 0;
        }
        size_t size = run_size(r, packets);
        if (size > DATAGRAM_MOST || size > buffer_size)
            return 0;
    }
    return 1;
}

/* All runs for every viewer, in order; adds to `counted`. -1 and nothing sent when an argument is out of its bounds. */
int liveroom_send(int socket, const viewer *viewers, uint32_t viewer_count, const packet *packets, uint32_t packet_count,
                  const uint8_t *text, size_t text_size, const run *runs, uint32_t run_count, uint8_t *buffer,
                  size_t buffer_size, uint64_t counted[COUNTERS]) {
    if (!is_sound(packets, packet_count, text_size, runs, run_count, buffer_size))
        return -1;
    batch batch;
    batch.packets = packets;
    batch.text = text;
    batch.buffer = buffer;
    batch.counted = counted;
    batch.socket = socket;
    batch.used = 0;
    batch.count = 0;
    for (uint32_t v = 0; v < viewer_count; v++) {
        for (uint32_t r = 0; r < run_count; r++) {
            if (batch.count == MESSAGES_AT_ONCE || run_size(&runs[r], packets) > buffer_size - batch.used)
                send_batch(&batch);
            add(&batch, &viewers[v], &runs[r]);
        }
    }
    send_batch(&batch);
    return 0;
}
