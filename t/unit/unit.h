
/*
 * What every unit test starts with.  cmocka wants its headers in this order.
 */


#ifndef _EVENTS_UNIT_H_INCLUDED_
#define _EVENTS_UNIT_H_INCLUDED_


#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define unit_nelts(array)  (sizeof(array) / sizeof(array[0]))


#endif /* _EVENTS_UNIT_H_INCLUDED_ */
