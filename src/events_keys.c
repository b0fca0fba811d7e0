
#include "events_keys.h"
#include "events_origin.h"
#include "events_sha256.h"

#include <stdio.h>
#include <stdlib.h>


#define EVENTS_KEYS_DIGEST  "sha256:"

/* more would be a mistake, and fill the memory of the master */
#define EVENTS_KEYS_MAX  1000000

/* keys there is room for at first */
#define EVENTS_KEYS_ROOM  64


typedef struct {
    events_key_t          key;
    u_char                digest[EVENTS_SHA256_SIZE];
    unsigned              line;
} events_keys_entry_t;


/* open addressing: a table of positions in entries, 0 for none, one up */

typedef struct {
    uint32_t             *slots;
    size_t                mask;         /* slots, a power of two, minus one */
} events_keys_table_t;


struct events_keys_s {
    u_char               *text;         /* that names refer to */
    events_keys_entry_t  *entries;
    uint32_t              nelts;
    uint32_t              nalloc;
    events_keys_table_t   digests;
};


/* what is left of a line, or of a list */

typedef struct {
    const u_char         *p;
    const u_char         *last;
} events_keys_line_t;


static int events_keys_lines(events_keys_t *keys, size_t len,
    events_keys_error_t *error);
static const char *events_keys_line(events_keys_t *keys,
    events_keys_line_t *line, unsigned number);
static int events_keys_word(events_keys_line_t *line, events_str_t *word);
static const char *events_keys_name(const events_str_t *name);
static const char *events_keys_digest(const events_str_t *word,
    u_char *digest);
static int events_keys_hex(u_char ch);
static const char *events_keys_option(events_key_t *key,
    const events_str_t *word);
static const char *events_keys_brand(const events_str_t *brand);
static const char *events_keys_list(const events_str_t *list,
    const char *(*check)(const events_str_t *item));
static int events_keys_has(const events_str_t *list,
    const events_str_t *item);
static int events_keys_item(events_keys_line_t *list, events_str_t *item);
static events_keys_entry_t *events_keys_push(events_keys_t *keys);
static int events_keys_index(events_keys_t *keys, events_keys_error_t *error);
static int events_keys_table(events_keys_table_t *table, uint32_t nelts);
static size_t events_keys_hash_digest(const u_char *digest);
static size_t events_keys_hash_name(const events_str_t *name);
static events_keys_entry_t *events_keys_add_digest(events_keys_t *keys,
    uint32_t i);
static events_keys_entry_t *events_keys_add_name(events_keys_t *keys,
    events_keys_table_t *names, uint32_t i);


static const char  events_keys_no_memory[] = "there is not enough memory";


events_keys_t *
events_keys_parse(const u_char *text, size_t len, events_keys_error_t *error)
{
    events_keys_t  *keys;

    error->line = 0;
    snprintf(error->text, sizeof(error->text), "%s", events_keys_no_memory);

    keys = calloc(1, sizeof(events_keys_t));
    if (keys == NULL) {
        return NULL;
    }

    keys->text = malloc(len + 1);

    if (keys->text != NULL) {

        if (len > 0) {
            memcpy(keys->text, text, len);
        }

        if (events_keys_lines(keys, len, error)
            && events_keys_index(keys, error))
        {
            return keys;
        }
    }

    events_keys_destroy(keys);

    return NULL;
}


void
events_keys_destroy(events_keys_t *keys)
{
    if (keys == NULL) {
        return;
    }

    free(keys->digests.slots);
    free(keys->entries);
    free(keys->text);
    free(keys);
}


size_t
events_keys_count(const events_keys_t *keys)
{
    return keys->nelts;
}


static int
events_keys_lines(events_keys_t *keys, size_t len, events_keys_error_t *error)
{
    unsigned             number;
    const char          *err;
    const u_char        *p, *end, *last;
    events_keys_line_t   line;

    p = keys->text;
    last = p + len;

    for (number = 1; p < last; number++) {

        end = memchr(p, '\n', last - p);

        if (end == NULL) {
            end = last;
        }

        line.p = p;
        line.last = end;

        err = events_keys_line(keys, &line, number);

        if (err != NULL) {
            error->line = number;
            snprintf(error->text, sizeof(error->text), "%s", err);
            return 0;
        }

        p = end + 1;
    }

    return 1;
}


static const char *
events_keys_line(events_keys_t *keys, events_keys_line_t *line,
    unsigned number)
{
    const char           *err;
    events_str_t          name, word;
    events_keys_entry_t  *entry;

    if (!events_keys_word(line, &name)) {
        return NULL;
    }

    err = events_keys_name(&name);

    if (err != NULL) {
        return err;
    }

    if (keys->nelts == EVENTS_KEYS_MAX) {
        return "there are more than 1000000 keys";
    }

    entry = events_keys_push(keys);
    if (entry == NULL) {
        return events_keys_no_memory;
    }

    entry->line = number;
    entry->key.name = name;

    if (!events_keys_word(line, &word)) {
        return "after the name \"sha256:\" and a digest are missing";
    }

    err = events_keys_digest(&word, entry->digest);

    while (err == NULL && events_keys_word(line, &word)) {
        err = events_keys_option(&entry->key, &word);
    }

    return err;
}


/* the next word of a line; 0: there is none, or a comment */

static int
events_keys_word(events_keys_line_t *line, events_str_t *word)
{
    while (line->p < line->last
           && (*line->p == ' ' || *line->p == '\t' || *line->p == '\r'))
    {
        line->p++;
    }

    if (line->p == line->last || *line->p == '#') {
        return 0;
    }

    word->data = line->p;

    while (line->p < line->last
           && *line->p != ' ' && *line->p != '\t' && *line->p != '\r')
    {
        line->p++;
    }

    word->len = line->p - word->data;

    return 1;
}


/* what is safe in logs and headers */

static const char *
events_keys_name(const events_str_t *name)
{
    size_t  i;
    u_char  ch;

    if (name->len > EVENTS_KEYS_MAX_NAME) {
        return "the name is longer than 64 characters";
    }

    for (i = 0; i < name->len; i++) {
        ch = name->data[i];

        if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')
              || (ch >= '0' && ch <= '9')
              || ch == '.' || ch == '_' || ch == '-'))
        {
            return "a name has letters, digits, \".\", \"_\" and \"-\" only";
        }
    }

    return NULL;
}


static const char *
events_keys_digest(const events_str_t *word, u_char *digest)
{
    int            high, low;
    size_t         i, prefix;
    const u_char  *p;

    prefix = sizeof(EVENTS_KEYS_DIGEST) - 1;

    if (word->len < prefix
        || memcmp(word->data, EVENTS_KEYS_DIGEST, prefix) != 0)
    {
        return "after the name \"sha256:\" and a digest are missing";
    }

    if (word->len != prefix + EVENTS_SHA256_HEX) {
        return "a SHA-256 digest has 64 hexadecimal digits";
    }

    p = word->data + prefix;

    for (i = 0; i < EVENTS_SHA256_SIZE; i++) {
        high = events_keys_hex(p[2 * i]);
        low = events_keys_hex(p[2 * i + 1]);

        if (high < 0 || low < 0) {
            return "a SHA-256 digest has 64 hexadecimal digits";
        }

        digest[i] = high << 4 | low;
    }

    return NULL;
}


static int
events_keys_hex(u_char ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }

    if (ch >= 'a' && ch <= 'f') {
        return ch - 'a' + 10;
    }

    return (ch >= 'A' && ch <= 'F') ? ch - 'A' + 10 : -1;
}


static const char *
events_keys_option(events_key_t *key, const events_str_t *word)
{
    events_str_t   value;
    events_str_t  *option;
    const char  *(*check)(const events_str_t *item);

    if (word->len >= 6 && memcmp(word->data, "brand=", 6) == 0) {
        option = &key->brands;
        check = events_keys_brand;
        value.data = word->data + 6;
        value.len = word->len - 6;

    } else if (word->len >= 7 && memcmp(word->data, "origin=", 7) == 0) {
        option = &key->origins;
        check = events_origin_check;
        value.data = word->data + 7;
        value.len = word->len - 7;

    } else {
        return "after the digest only \"brand=\" and \"origin=\" may follow";
    }

    if (option->data != NULL) {
        return "\"brand=\" and \"origin=\" are lists: each may occur once";
    }

    *option = value;

    return events_keys_list(&value, check);
}


static const char *
events_keys_brand(const events_str_t *brand)
{
    return (brand->len == 0) ? "a brand is empty" : NULL;
}


static const char *
events_keys_list(const events_str_t *list,
    const char *(*check)(const events_str_t *item))
{
    const char    *err;
    events_str_t   item;
    const u_char  *p, *last;

    p = list->data;
    last = p + list->len;

    for ( ;; ) {
        item.data = p;

        while (p < last && *p != ',') {
            p++;
        }

        item.len = p - item.data;
        err = check(&item);

        if (err != NULL || p == last) {
            return err;
        }

        p++;
    }
}


static events_keys_entry_t *
events_keys_push(events_keys_t *keys)
{
    uint32_t              nalloc;
    events_keys_entry_t  *entry;

    if (keys->nelts == keys->nalloc) {
        nalloc = keys->nalloc ? 2 * keys->nalloc : EVENTS_KEYS_ROOM;

        entry = realloc(keys->entries, nalloc * sizeof(events_keys_entry_t));
        if (entry == NULL) {
            return NULL;
        }

        keys->entries = entry;
        keys->nalloc = nalloc;
    }

    entry = &keys->entries[keys->nelts++];
    memset(entry, 0, sizeof(events_keys_entry_t));

    return entry;
}


/* the table of digests stays, that of names is for finding the same one */

static int
events_keys_index(events_keys_t *keys, events_keys_error_t *error)
{
    uint32_t              i;
    const char           *what;
    events_keys_entry_t  *earlier;
    events_keys_table_t   names;

    if (!events_keys_table(&keys->digests, keys->nelts)
        || !events_keys_table(&names, keys->nelts))
    {
        return 0;
    }

    earlier = NULL;

    for (i = 0; i < keys->nelts && earlier == NULL; i++) {

        what = "name";
        earlier = events_keys_add_name(keys, &names, i);

        if (earlier == NULL) {
            what = "digest";
            earlier = events_keys_add_digest(keys, i);
        }

        if (earlier != NULL) {
            error->line = keys->entries[i].line;
            snprintf(error->text, sizeof(error->text),
                     "the %s is that of line %u", what, earlier->line);
        }
    }

    free(names.slots);

    return earlier == NULL;
}


/* at most half full, so that a search is short */

static int
events_keys_table(events_keys_table_t *table, uint32_t nelts)
{
    size_t  size;

    for (size = 2; size < 2 * (size_t) nelts; size *= 2) { /* void */ }

    table->mask = size - 1;
    table->slots = calloc(size, sizeof(uint32_t));

    return table->slots != NULL;
}


static size_t
events_keys_hash_digest(const u_char *digest)
{
    size_t  hash;

    memcpy(&hash, digest, sizeof(hash));

    return hash;
}


/* FNV-1a; the names are an operator's */

static size_t
events_keys_hash_name(const events_str_t *name)
{
    size_t    i;
    uint32_t  hash;

    hash = 2166136261u;

    for (i = 0; i < name->len; i++) {
        hash = (hash ^ name->data[i]) * 16777619u;
    }

    return hash;
}


/* returns the entry that has the same one */

static events_keys_entry_t *
events_keys_add_digest(events_keys_t *keys, uint32_t i)
{
    size_t                slot;
    events_keys_entry_t  *entry, *other;

    entry = &keys->entries[i];
    slot = events_keys_hash_digest(entry->digest) & keys->digests.mask;

    while (keys->digests.slots[slot] != 0) {
        other = &keys->entries[keys->digests.slots[slot] - 1];

        if (memcmp(other->digest, entry->digest, EVENTS_SHA256_SIZE) == 0) {
            return other;
        }

        slot = (slot + 1) & keys->digests.mask;
    }

    keys->digests.slots[slot] = i + 1;

    return NULL;
}


static events_keys_entry_t *
events_keys_add_name(events_keys_t *keys, events_keys_table_t *names,
    uint32_t i)
{
    size_t                slot;
    events_keys_entry_t  *entry, *other;

    entry = &keys->entries[i];
    slot = events_keys_hash_name(&entry->key.name) & names->mask;

    while (names->slots[slot] != 0) {
        other = &keys->entries[names->slots[slot] - 1];

        if (events_str_eq(&other->key.name, &entry->key.name)) {
            return other;
        }

        slot = (slot + 1) & names->mask;
    }

    names->slots[slot] = i + 1;

    return NULL;
}


const events_key_t *
events_keys_find(const events_keys_t *keys, const u_char *data, size_t len)
{
    size_t                      slot;
    u_char                      digest[EVENTS_SHA256_SIZE];
    const events_keys_entry_t  *entry;

    events_sha256(digest, data, len);

    slot = events_keys_hash_digest(digest) & keys->digests.mask;

    while (keys->digests.slots[slot] != 0) {
        entry = &keys->entries[keys->digests.slots[slot] - 1];

        if (memcmp(entry->digest, digest, EVENTS_SHA256_SIZE) == 0) {
            return &entry->key;
        }

        slot = (slot + 1) & keys->digests.mask;
    }

    return NULL;
}


int
events_key_allows_origin(const events_key_t *key, const events_str_t *origin)
{
    return key->origins.len == 0 || events_keys_has(&key->origins, origin);
}


size_t
events_key_brands(const events_key_t *key, const events_str_t *brands,
    u_char *dst)
{
    u_char              *p;
    events_str_t         brand;
    events_keys_line_t   list;

    p = dst;
    list.p = key->brands.data;
    list.last = list.p + key->brands.len;

    while (events_keys_item(&list, &brand)) {

        if (brands->len > 0 && !events_keys_has(brands, &brand)) {
            continue;
        }

        memcpy(p, brand.data, brand.len);
        p += brand.len;
        *p++ = ',';
    }

    if (p == dst) {
        *p++ = ',';
    }

    return p - dst;
}


static int
events_keys_has(const events_str_t *list, const events_str_t *item)
{
    events_str_t        other;
    events_keys_line_t  rest;

    rest.p = list->data;
    rest.last = list->data + list->len;

    while (events_keys_item(&rest, &other)) {

        if (events_str_eq(&other, item)) {
            return 1;
        }
    }

    return 0;
}


/* the next item of a list, without spaces around it; 0: there is none */

static int
events_keys_item(events_keys_line_t *list, events_str_t *item)
{
    const u_char  *last;

    if (list->p == list->last) {
        return 0;
    }

    last = memchr(list->p, ',', list->last - list->p);

    if (last == NULL) {
        last = list->last;
    }

    item->data = list->p;
    list->p = (last == list->last) ? last : last + 1;

    while (item->data < last && *item->data == ' ') {
        item->data++;
    }

    while (last > item->data && last[-1] == ' ') {
        last--;
    }

    item->len = last - item->data;

    return 1;
}
