const others = ['post_liked', 'comment_added', 'link_clicked', 'page_left', 'heartbeat'];

/** Half of the events are views. */
export const eventNames = [...others.map(() => 'post_viewed'), ...others];

export const countries = 'DE FR US GB BR IN JP PL SE NO ES IT NL CA AU ZA'.split(' ');
export const devices = ['mobile', 'desktop', 'tablet', 'tv'];
export const browsers = ['Chrome', 'Firefox', 'Safari', 'Edge'];
export const plans = ['free', 'basic', 'pro', 'team'];
export const paymentMethods = ['card', 'sepa', 'paypal', 'invoice'];
