
/*
 * What guests are counted by: the network they come from, and the device
 * there.  Both are texts of a fixed length, whatever a guest sends.
 */


#ifndef _EVENTS_GUEST_H_INCLUDED_
#define _EVENTS_GUEST_H_INCLUDED_


#include "events_types.h"


/* an IPv6 address in bytes; IPv4 is mapped (RFC 4291, section 2.5.5.2) */
#define EVENTS_GUEST_ADDRESS  16

/* bytes of a text: hexadecimal digits, without a zero byte */
#define EVENTS_GUEST_TEXT     32

/* a longer guest id is none: hashing it would be work for nothing */
#define EVENTS_GUEST_MAX_ID   256


typedef struct {
    u_char                data[EVENTS_GUEST_ADDRESS];
} events_guest_network_t;


/*
 * The network of an address in network byte order: len is 4 or 16, anything
 * else is one network of all that have no address, such as those of a UNIX
 * socket.  bits of the address count: v4 of 32, also of a mapped one, or v6
 * of 128.
 */

void events_guest_network(events_guest_network_t *network,
    const u_char *address, size_t len, unsigned v4, unsigned v6);

void events_guest_network_text(u_char text[EVENTS_GUEST_TEXT],
    const events_guest_network_t *network);

/*
 * Half of the SHA-256 of network and id: equal for the same device in the same
 * network, and nobody can choose an id that meets another's.
 */

void events_guest_key_text(u_char text[EVENTS_GUEST_TEXT],
    const events_guest_network_t *network, const events_str_t *id);


#endif /* _EVENTS_GUEST_H_INCLUDED_ */
