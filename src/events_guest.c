
#include "events_guest.h"
#include "events_sha256.h"


#define EVENTS_GUEST_IPV4         4
#define EVENTS_GUEST_MAPPED       (EVENTS_GUEST_ADDRESS - EVENTS_GUEST_IPV4)
#define EVENTS_GUEST_MAPPED_BITS  (8 * EVENTS_GUEST_MAPPED)


static void events_guest_mask(u_char *address, unsigned bits);


static const u_char  events_guest_mapped[EVENTS_GUEST_MAPPED] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
};


void
events_guest_network(events_guest_network_t *network, const u_char *address,
    size_t len, unsigned v4, unsigned v6)
{
    unsigned  bits;

    memset(network, 0, sizeof(events_guest_network_t));
    bits = v6;

    if (len == EVENTS_GUEST_IPV4) {
        memcpy(network->data, events_guest_mapped, EVENTS_GUEST_MAPPED);
        memcpy(network->data + EVENTS_GUEST_MAPPED, address, len);

    } else if (len == EVENTS_GUEST_ADDRESS) {
        memcpy(network->data, address, len);
    }

    if (memcmp(network->data, events_guest_mapped, EVENTS_GUEST_MAPPED) == 0) {
        bits = EVENTS_GUEST_MAPPED_BITS + v4;
    }

    events_guest_mask(network->data, bits);
}


static void
events_guest_mask(u_char *address, unsigned bits)
{
    unsigned  i;

    for (i = bits / 8; i < EVENTS_GUEST_ADDRESS; i++) {
        address[i] &= (i == bits / 8) ? 0xff << (8 - bits % 8) : 0;
    }
}


void
events_guest_network_text(u_char text[EVENTS_GUEST_TEXT],
    const events_guest_network_t *network)
{
    size_t             i;
    static const char  digits[] = "0123456789abcdef";

    for (i = 0; i < EVENTS_GUEST_ADDRESS; i++) {
        text[2 * i] = digits[network->data[i] >> 4];
        text[2 * i + 1] = digits[network->data[i] & 0xf];
    }
}


void
events_guest_key_text(u_char text[EVENTS_GUEST_TEXT],
    const events_guest_network_t *network, const events_str_t *id)
{
    u_char                  data[EVENTS_GUEST_ADDRESS + EVENTS_GUEST_MAX_ID];
    u_char                  digest[EVENTS_SHA256_SIZE];
    size_t                  len;
    events_guest_network_t  half;

    len = EVENTS_GUEST_ADDRESS;
    memcpy(data, network->data, len);

    if (id->len > 0 && id->len <= EVENTS_GUEST_MAX_ID) {
        memcpy(data + len, id->data, id->len);
        len += id->len;
    }

    events_sha256(digest, data, len);

    memcpy(half.data, digest, sizeof(half.data));
    events_guest_network_text(text, &half);
}
