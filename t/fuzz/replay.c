
/*
 * Runs a fuzz target on files, without libFuzzer: arguments are files and
 * directories of files; what is not there is passed over.
 */


#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define MAX_PATH  4096


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path);
static int replay_directory(DIR *dir, const char *path);
static int replay_file(const char *path);


static unsigned  nfiles;


int
main(int argc, char *argv[])
{
    int  i;

    for (i = 1; i < argc; i++) {
        if (replay(argv[i]) != 0) {
            return 1;
        }
    }

    printf("%u files\n", nfiles);

    return 0;
}


static int
replay(const char *path)
{
    int   rc;
    DIR  *dir;

    dir = opendir(path);

    if (dir == NULL) {
        return (errno == ENOTDIR) ? replay_file(path) : 0;
    }

    rc = replay_directory(dir, path);

    (void) closedir(dir);

    return rc;
}


static int
replay_directory(DIR *dir, const char *path)
{
    char            name[MAX_PATH];
    struct dirent  *entry;

    while ((entry = readdir(dir)) != NULL) {

        if (entry->d_name[0] == '.') {
            continue;
        }

        if (snprintf(name, sizeof(name), "%s/%s", path, entry->d_name)
            >= (int) sizeof(name))
        {
            fprintf(stderr, "%s/%s: name too long\n", path, entry->d_name);
            return 1;
        }

        if (replay_file(name) != 0) {
            return 1;
        }
    }

    return 0;
}


static int
replay_file(const char *path)
{
    long      size;
    FILE     *file;
    uint8_t  *data;

    file = fopen(path, "rb");

    if (file == NULL
        || fseek(file, 0, SEEK_END) != 0
        || (size = ftell(file)) < 0
        || fseek(file, 0, SEEK_SET) != 0)
    {
        perror(path);
        exit(1);
    }

    /* of the exact size, so that AddressSanitizer sees one byte too many */

    data = malloc(size);

    if ((data == NULL && size != 0)
        || fread(data, 1, size, file) != (size_t) size)
    {
        perror(path);
        exit(1);
    }

    /* the last line of a crash is the file's name */

    fprintf(stderr, "%s\n", path);

    (void) LLVMFuzzerTestOneInput(data, size);

    free(data);
    (void) fclose(file);
    nfiles++;

    return 0;
}
