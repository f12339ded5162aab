/* Load for WebSocket echo servers: keeps a number of messages in flight on each connection.
 *
 *     ws_load PORT CONNECTIONS IN_FLIGHT SECONDS REQUEST FRAME
 *
 * REQUEST and FRAME are files: the handshake request, and the (masked) frame that is sent over and over.  Prints the number
 * of echoes and the seconds they took.  It is C so that it is never what limits the server.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct connection {
    int fd;
    unsigned char head[10]; /* start of a frame */
    int have;               /* bytes of it */
    unsigned long long need; /* bytes of payload that are still to come */
    size_t left;             /* bytes to be sent */
};

static char *frame;
static size_t frame_size;

static char *load(const char *name, size_t *size) {
    FILE *f = fopen(name, "rb");
    if (!f) { perror(name); exit(1); }
    fseek(f, 0, SEEK_END);
    *size = ftell(f);
    rewind(f);
    char *data = malloc(*size + 1);
    if (fread(data, 1, *size, f) != *size) exit(1);
    fclose(f);
    return data;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* Count the frames that end in a piece of input. */
static int take(struct connection *c, const unsigned char *data, size_t size) {
    int count = 0;
    while (size) {
        if (c->need) {
            size_t step = size < c->need ? size : c->need;
            c->need -= step;
            data += step;
            size -= step;
            if (!c->need) { c->have = 0; count++; }
            continue;
        }
        c->head[c->have++] = *data++;
        size--;
        if (c->have < 2) continue;
        int length = c->head[1] & 127, total = length < 126 ? 2 : length == 126 ? 4 : 10;
        if (c->have < total) continue;
        unsigned long long n = length;
        if (total > 2) {
            n = 0;
            for (int i = 2; i < total; i++) n = n << 8 | c->head[i];
        }
        if (n) c->need = n;
        else { c->have = 0; count++; }
    }
    return count;
}

/* Write what is to be sent; whole frames follow each other without a gap. */
static void push(int poll, struct connection *c) {
    static char *many;
    static size_t room;
    if (!many) {
        room = frame_size * (frame_size < 65536 ? 65536 / frame_size + 1 : 2);
        many = malloc(room);
        for (size_t i = 0; i < room; i += frame_size) memcpy(many + i, frame, frame_size);
    }
    while (c->left) {
        size_t start = (frame_size - c->left % frame_size) % frame_size;
        size_t size = room - start < c->left ? room - start : c->left;
        ssize_t n = send(c->fd, many + start, size, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EAGAIN) break;
            perror("send");
            exit(1);
        }
        c->left -= n;
    }
    struct epoll_event e = {.events = EPOLLIN | (c->left ? EPOLLOUT : 0), .data.ptr = c};
    static int waiting; /* connections that wait to be written */
    if (c->left || waiting) {
        epoll_ctl(poll, EPOLL_CTL_MOD, c->fd, &e);
        waiting = 1;
    }
}

int main(int argc, char **argv) {
    if (argc != 7) { fprintf(stderr, "usage: ws_load PORT CONNECTIONS IN_FLIGHT SECONDS REQUEST FRAME\n"); return 2; }
    int port = atoi(argv[1]), count = atoi(argv[2]), in_flight = atoi(argv[3]);
    double seconds = atof(argv[4]);
    size_t request_size;
    char *request = load(argv[5], &request_size);
    frame = load(argv[6], &frame_size);
    int poll = epoll_create1(0);
    struct connection *all = calloc(count, sizeof *all);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    for (int i = 0; i < count; i++) {
        struct connection *c = all + i;
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(c->fd, (struct sockaddr *)&to, sizeof to)) { perror("connect"); return 1; }
        int one = 1;
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (send(c->fd, request, request_size, 0) != (ssize_t)request_size) return 1;
        char head[4096];
        size_t have = 0;
        do {
            if (have == sizeof head - 1 || recv(c->fd, head + have, 1, 0) != 1) { fprintf(stderr, "no handshake\n"); return 1; }
            head[++have] = 0;
        } while (have < 4 || strcmp(head + have - 4, "\r\n\r\n"));
        if (strncmp(head, "HTTP/1.1 101", 12)) { fprintf(stderr, "%s", head); return 1; }
        fcntl(c->fd, F_SETFL, O_NONBLOCK);
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(poll, EPOLL_CTL_ADD, c->fd, &e);
    }
    unsigned long long echoes = 0;
    double start = now(), end = start + seconds, time = start;
    for (int i = 0; i < count; i++) {
        all[i].left = frame_size * in_flight;
        push(poll, all + i);
    }
    static unsigned char buffer[1 << 18];
    struct epoll_event ready[256];
    while (time < end) {
        int n = epoll_wait(poll, ready, 256, 1000);
        for (int i = 0; i < n; i++) {
            struct connection *c = ready[i].data.ptr;
            if (ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
                ssize_t size = recv(c->fd, buffer, sizeof buffer, 0);
                if (size <= 0) {
                    if (size < 0 && errno == EAGAIN) continue;
                    fprintf(stderr, "connection lost\n");
                    return 1;
                }
                int got = take(c, buffer, size);
                echoes += got;
                c->left += got * frame_size;
            }
            push(poll, c);
        }
        time = now();
    }
    printf("%llu %f\n", echoes, time - start);
    return 0;
}
