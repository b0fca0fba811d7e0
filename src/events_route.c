
#include "events_route.h"


static int events_route_matches(const events_route_t *route,
    const events_json_event_t *event, const events_json_node_t *node);


uint32_t
events_route_find(const events_routes_t *routes,
    const events_json_event_t *event)
{
    uint32_t                   i;
    const events_route_t      *route;
    const events_json_node_t  *nodes[EVENTS_ROUTE_POINTERS];

    for (i = 0; i < routes->nlookups; i++) {
        nodes[i] = events_lookup_find(&routes->lookups[i], event);
    }

    for (i = 0; i < routes->nelts; i++) {
        route = &routes->elts[i];

        if (nodes[route->lookup] != NULL
            && events_route_matches(route, event, nodes[route->lookup]))
        {
            return route->topic;
        }
    }

    return 0;
}


static int
events_route_matches(const events_route_t *route,
    const events_json_event_t *event, const events_json_node_t *node)
{
    switch (node->type) {

    case EVENTS_JSON_STRING:
        return events_json_equals(event->text, node, &route->value);

    case EVENTS_JSON_NUMBER:
    case EVENTS_JSON_TRUE:
    case EVENTS_JSON_FALSE:
        return node->len == route->value.len
               && memcmp(event->text + node->offset, route->value.data,
                         node->len) == 0;

    default:
        return 0;
    }
}
