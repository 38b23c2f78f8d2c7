insert into public.customers (customer_id, first_name, last_name, email, gender, income, fico,
    age, credit_score, avg_account_balance, existing_products, years_active) values
    (1, 'Waylen', 'Tubble',  'wtubble0@hc360.com',        'Male',   403646, 465,
        41, 465, 18000, '{"Savings Builder"}', 3),
    (2, 'Joell',  'Wilshin', 'jwilshin1@yellowpages.com', 'Female', 109825, 624,
        28, 624, 2500,  '{}', 1),
    (3, 'Ilaire', 'Latus',   'ilatus2@baidu.com',         'Male',   407964, 683,
        52, 683, 64000, '{"Investment Account"}', 12)
on conflict (customer_id) do nothing;
